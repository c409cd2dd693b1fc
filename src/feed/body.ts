import { type Body, BodyError, type Coding, decodedAtOnce, layersFor, needsRoom } from './codings.ts';
import { createDecoding, type Decoding } from './decoding.ts';

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
  let ended = false;
  let finished = false;
  /** Chunks as received, until it is clear whether the body is small. */
  let held: Buffer[] = [];
  let decoding: Decoding | null = null;
  let room: 'none' | 'awaited' | 'taken' = 'none';
  let leave: (() => void) | null = null;

  const settle = (act: () => void): void => {
    if (finished) return;
    finished = true;
    decoding?.destroy();
    leave?.();
    act();
  };
  const fail = (error: BodyError): void => settle(() => source.fail(error));
  const tooLarge = (): void => fail(new BodyError('too-large', `it is larger than ${limits.maxBytes} bytes`));
  const succeed = (truncated: boolean): void => settle(() => source.done({ bytes: joined(output), truncated }));

  /** Waits, between `hold` and `go`, for room among the large bodies. */
  const takeRoom = (hold: () => void, go: () => void): void => {
    room = 'awaited';
    hold();
    limits.large.enter((leaving) => {
      if (finished) return leaving();
      leave = leaving;
      room = 'taken';
      go();
    });
  };

  const keep = (chunk: Buffer): void => {
    if (finished) return;
    decoded += chunk.length;
    output.push(chunk);
    const { pause, resume } = decoding!;
    if (decoded > limits.maxBytes) tooLarge();
    else if (decoded > RATIO_FROM && decoded > MAX_RATIO * received) {
      fail(new BodyError('too-large', `it unpacks to more than ${MAX_RATIO} times its size`));
    } else if (decoded > LARGE_BODY && room === 'none') takeRoom(pause, resume);
  };

  const pass = (chunk: Buffer): void => {
    if (decoding?.write(chunk) === false) source.pause();
  };
  const begin = (first: Buffer): void => {
    const layers = layersFor(codings, first);
    if (needsRoom(layers) && room === 'none') {
      takeRoom(source.pause, () => begin(first));
      return;
    }
    decoding = createDecoding(layers, first, limits.maxBytes, {
      onData: keep,
      onEnd: succeed,
      onError: fail,
      onDrain: source.resume,
      pauseSource: source.pause,
      resumeSource: source.resume,
    });
    const chunks = held;
    held = [];
    source.resume();
    for (const chunk of chunks) if (!finished) pass(chunk);
    if (ended && !finished) decoding.end();
  };
  const endSmall = (whole: Buffer): void => {
    const layers = layersFor(codings, whole);
    const small = decodedAtOnce(whole, layers);
    if (small instanceof BodyError) fail(small);
    else if (small === null) begin(whole);
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
      else if (decoding !== null) pass(chunk);
      else {
        held.push(chunk);
        if (received > SMALL_BODY && room === 'none') begin(joined(held));
      }
    },
    end: () => {
      ended = true;
      if (finished) return;
      if (decoding !== null) decoding.end();
      else if (room === 'none') endSmall(joined(held));
    },
    destroy: () => settle(() => undefined),
  };
}

const joined = (chunks: readonly Buffer[]): Buffer => (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));

/** Room for a few large bodies at a time, so that many of them cannot fill the memory together. */
export type LargeBodyGate = {
  /** Calls back with how to leave: at once where there is room, else as soon as there is, first come first served. */
  readonly enter: (entered: (leave: () => void) => void) => void;
};

/** A gate for `room` large bodies at once. */
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
      // Not within this call: it may come out of the parser of one connection, and entering resumes that of another.
      else setImmediate(() => next(leaving()));
    };
  };
  return {
    enter: (entered) => {
      if (free === 0) {
        waiting.push(entered);
        return;
      }
      free--;
      entered(leaving());
    },
  };
}
