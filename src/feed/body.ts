import { type Body, BodyError, type Coding, createDecoder, type Decoder, decodedAtOnce, layersFor } from './codings.ts';

/**
 * A response body, decoded within bounds. Small bodies, nearly all of them, are decoded in one go on this thread, which costs a
 * third of a stream; the bound on their size keeps that under two milliseconds. Everything else goes through zlib's streams, whose
 * work is done on other threads, and is cut off at the first byte too many: of what came over the wire, of any layer's output, of
 * the ratio between both. Only a few large bodies are taken in at once; the others are held at the socket until there is room.
 */
export type BodyLimits = {
  /** Bytes, of the body as received and of every layer decoded. */
  readonly maxBytes: number;
  readonly large: LargeBodyGate;
};

/** What the sink asks of the connection that feeds it. */
export type BodySource = {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly fail: (error: BodyError) => void;
  readonly done: (body: Body) => void;
};

export type BodySink = {
  readonly write: (chunk: Buffer) => void;
  readonly end: () => void;
  /** Lets go of everything; nothing is reported after it. */
  readonly destroy: () => void;
};

const KIB = 1024;
const SMALL_BODY = 64 * KIB;
const LARGE_BODY = 512 * KIB;
/** Feeds compress 4 to 30 times; a made-up feed of one repeated sentence reaches 100. Judged from a megabyte on. */
const MAX_RATIO = 200;
const RATIO_FROM = KIB * KIB;

/** Takes a body in, chunk by chunk; calls `done` or `fail` once, unless destroyed before. */
export function createBodySink(codings: readonly Coding[], limits: BodyLimits, source: BodySource): BodySink {
  const output: Buffer[] = [];
  let received = 0;
  let decoded = 0;
  let finished = false;
  let decoders: readonly Decoder[] = [];
  /** Chunks as received, until it is clear whether the body is small; null from then on. */
  let held: Buffer[] | null = [];
  let release: (() => void) | null = null;
  let waitsForRoom = false;

  const settle = (act: () => void): void => {
    if (finished) return;
    finished = true;
    for (const decoder of decoders) decoder.destroy();
    release?.();
    act();
  };
  const fail = (reason: BodyError['reason'], message: string): void =>
    settle(() => source.fail(new BodyError(reason, message)));
  const tooLarge = (): void => fail('too-large', `it is larger than ${limits.maxBytes} bytes`);
  const succeed = (truncated: boolean): void => settle(() => source.done({ bytes: joined(output), truncated }));

  const keep = (chunk: Buffer): void => {
    decoded += chunk.length;
    output.push(chunk);
    if (decoded > limits.maxBytes) tooLarge();
    else if (decoded > RATIO_FROM && decoded > MAX_RATIO * received) {
      fail('too-large', `it unpacks to more than ${MAX_RATIO} times its size`);
    } else if (decoded > LARGE_BODY && release === null && !waitsForRoom) waitForRoom();
  };
  const waitForRoom = (): void => {
    const last = decoders.at(-1);
    release = limits.large.tryEnter();
    if (release !== null) return;
    waitsForRoom = true;
    last === undefined ? source.pause() : last.pause();
    limits.large.enter((leave) => {
      waitsForRoom = false;
      if (finished) return leave();
      release = leave;
      last === undefined ? source.resume() : last.resume();
    });
  };

  const openDecoders = (first: Buffer): void => {
    decoders = layersFor(codings, first).map((coding, i) => createDecoder(coding, i === 0 ? first : null));
    for (const [i, decoder] of decoders.entries()) {
      const next = decoders[i + 1];
      let produced = 0;
      decoder.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'Z_BUF_ERROR') succeed(true);
        else fail('unreadable', 'its compressed form is damaged');
      });
      if (next === undefined) {
        decoder.on('data', (chunk: Buffer) => finished || keep(chunk));
        decoder.on('end', () => succeed(false));
      } else {
        decoder.on('data', (chunk: Buffer) => {
          produced += chunk.length;
          if (produced > limits.maxBytes) tooLarge();
        });
        decoder.pipe(next);
      }
    }
    decoders[0]?.on('drain', source.resume);
  };

  const pass = (chunk: Buffer): void => {
    const first = decoders[0];
    if (first === undefined) keep(chunk);
    else if (!first.write(chunk)) source.pause();
  };
  const passHeld = (): void => {
    const chunks = held ?? [];
    held = null;
    openDecoders(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks.slice(0, 2)));
    for (const chunk of chunks) if (!finished) pass(chunk);
  };

  const endHeld = (chunks: readonly Buffer[]): void => {
    const whole = joined(chunks);
    const small = decodedAtOnce(whole, layersFor(codings, whole));
    if (small instanceof BodyError) fail(small.reason, small.message);
    else if (small === null) passHeld();
    else {
      output.push(small.bytes);
      succeed(small.truncated);
    }
  };

  return {
    write: (chunk) => {
      if (finished) return;
      received += chunk.length;
      if (received > limits.maxBytes) tooLarge();
      else if (held === null) pass(chunk);
      else {
        held.push(chunk);
        if (received > SMALL_BODY) passHeld();
      }
    },
    end: () => {
      if (held !== null && !finished) endHeld(held);
      if (finished) return;
      if (decoders[0] === undefined) succeed(false);
      else decoders[0].end();
    },
    destroy: () => settle(() => undefined),
  };
}

const joined = (chunks: readonly Buffer[]): Buffer => (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));

/** Room for a few large bodies at a time, so that many of them cannot fill the memory together. */
export type LargeBodyGate = {
  /** Enters at once and returns how to leave, or null where there is no room. */
  readonly tryEnter: () => (() => void) | null;
  /** Calls back with how to leave as soon as there is room. */
  readonly enter: (entered: (leave: () => void) => void) => void;
};

/** A gate for `room` large bodies at once, first come first served. */
export function createLargeBodyGate(room: number): LargeBodyGate {
  let free = room;
  const waiting: ((leave: () => void) => void)[] = [];
  const leaving = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      if (next === undefined) free++;
      else next(leaving());
    };
  };
  return {
    tryEnter: () => {
      if (free === 0) return null;
      free--;
      return leaving();
    },
    enter: (entered) => {
      waiting.push(entered);
    },
  };
}
