import { BodyError, type Coding, createDecoder } from './codings.ts';

/** The layers of a body being undone, chunk by chunk; with no layers chunks pass as they are. */
export type Decoding = {
  /** False when no more should come until `onDrain`. */
  readonly write: (chunk: Buffer) => boolean;
  readonly end: () => void;
  /** Stops and restarts the output. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly destroy: () => void;
};

export type DecodingListener = {
  readonly onData: (chunk: Buffer) => void;
  /** The last byte came; `truncated` when the compressed form ended before it should. */
  readonly onEnd: (truncated: boolean) => void;
  readonly onError: (error: BodyError) => void;
  readonly onDrain: () => void;
  /** What `pause` and `resume` do where there is nothing to undo. */
  readonly pauseSource: () => void;
  readonly resumeSource: () => void;
};

/** Undoes `layers` (the first is the outermost) by zlib's streams, whose work is done on other threads; `first` is the body's start. */
export function createDecoding(
  layers: readonly Coding[],
  first: Buffer,
  maxBytes: number,
  listener: DecodingListener,
): Decoding {
  const decoders = layers.map((coding, i) => createDecoder(coding, i === 0 ? first : null));
  const [outermost, innermost] = [decoders[0], decoders.at(-1)];
  if (outermost === undefined || innermost === undefined) return asItIs(listener);

  for (const [i, decoder] of decoders.entries()) {
    decoder.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'Z_BUF_ERROR') listener.onEnd(true);
      else listener.onError(new BodyError('unreadable', 'its compressed form is damaged'));
    });
    const inner = decoders[i + 1];
    if (inner === undefined) continue;
    let produced = 0;
    decoder.on('data', (chunk: Buffer) => {
      produced += chunk.length;
      if (produced > maxBytes) listener.onError(new BodyError('too-large', `it is larger than ${maxBytes} bytes`));
    });
    decoder.pipe(inner);
  }
  outermost.on('drain', listener.onDrain);
  innermost.on('data', listener.onData);
  innermost.on('end', () => listener.onEnd(false));
  return {
    write: (chunk) => outermost.write(chunk),
    end: () => outermost.end(),
    pause: () => innermost.pause(),
    resume: () => innermost.resume(),
    destroy: () => {
      for (const decoder of decoders) decoder.destroy();
    },
  };
}

const asItIs = ({ onData, onEnd, pauseSource, resumeSource }: DecodingListener): Decoding => ({
  write: (chunk) => {
    onData(chunk);
    return true;
  },
  end: () => onEnd(false),
  pause: pauseSource,
  resume: resumeSource,
  destroy: () => undefined,
});
