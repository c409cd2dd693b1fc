import zlib from 'node:zlib';

/** Content codings: which are asked for, which an answer really has, and how each is undone. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';
export type Decoder = zlib.Gunzip | zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress;

export type Body = {
  readonly bytes: Buffer;
  /** The compressed form ended too early: what was decoded is here, but it is not the document. */
  readonly truncated: boolean;
};

/** Raised into the request: the body is larger than allowed, or cannot be decoded. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly reason: 'too-large' | 'unreadable';
  constructor(reason: 'too-large' | 'unreadable', message: string) {
    super(message);
    this.reason = reason;
  }
}

const SMALL_OUTPUT = 512 * 1024;
const MAX_LAYERS = 2;

/** zstd came with Node 22.15; the types are those of Node 20. */
const zstd = zlib as typeof zlib & {
  createZstdDecompress?: (options: { params: Record<number, number> }) => Decoder;
};
/** ZSTD_d_windowLogMax: no window over 8 MiB, which is what RFC 8878 (section 3.1.1.1.2) asks decoders to support. */
const ZSTD_WINDOW = { params: { 100: 23 } };

/** What is asked for in Accept-Encoding: only what this Node can decode. */
export const ACCEPT_ENCODING =
  zstd.createZstdDecompress === undefined ? 'gzip, br, deflate' : 'gzip, br, zstd, deflate';

/**
 * The codings of a Content-Encoding in the order in which they must be undone, or a BodyError that names what is wrong. An absent
 * header and `identity` give none.
 */
export function codingsOf(contentEncoding: string | null): readonly Coding[] | BodyError {
  const names = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const layers = names.filter((name) => name !== '' && name !== 'identity').reverse();
  if (layers.length > MAX_LAYERS) return new BodyError('too-large', `it is compressed ${layers.length} times over`);
  const codings: Coding[] = [];
  for (const name of layers) {
    const coding = name === 'x-gzip' ? 'gzip' : name;
    if (
      coding !== 'gzip' &&
      coding !== 'deflate' &&
      coding !== 'br' &&
      (coding !== 'zstd' || !ACCEPT_ENCODING.includes('zstd'))
    ) {
      return new BodyError('unreadable', 'it is compressed in a way that was not asked for');
    }
    codings.push(coding);
  }
  return codings;
}

/** The codings that the bytes really have: servers name gzip for plain text, and send gzip without naming it. */
export function layersFor(codings: readonly Coding[], first: Buffer): readonly Coding[] {
  const looksGzipped = first[0] === 0x1f && first[1] === 0x8b;
  if (codings.length === 0) return looksGzipped ? ['gzip'] : [];
  return codings[0] === 'gzip' && !looksGzipped ? codings.slice(1) : codings;
}

/** brotli and zstd decoders fill a window of megabytes before they give their first byte: never on this thread, and a few at a time. */
export const needsRoom = (layers: readonly Coding[]): boolean => layers.includes('br') || layers.includes('zstd');

/** The body decoded on this thread; null where it needs room, or grows beyond what may be done so. */
export function decodedAtOnce(whole: Buffer, layers: readonly Coding[]): Body | BodyError | null {
  if (needsRoom(layers)) return null;
  let bytes = whole;
  let truncated = false;
  for (const coding of layers) {
    let layer = decodeSync(coding, bytes, false);
    if (layer === 'Z_BUF_ERROR') {
      truncated = true;
      layer = decodeSync(coding, bytes, true);
    }
    if (layer === 'ERR_BUFFER_TOO_LARGE') return null;
    if (typeof layer === 'string') return new BodyError('unreadable', 'its compressed form is damaged');
    bytes = layer;
  }
  return { bytes, truncated };
}

/** One layer undone, or the code of the error; `lenient` gives what there is of a form that ended too early. */
function decodeSync(coding: Coding, bytes: Buffer, lenient: boolean): Buffer | string {
  const options = {
    maxOutputLength: SMALL_OUTPUT,
    chunkSize: roomFor(coding, bytes),
    ...(lenient && { finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  };
  try {
    if (coding === 'gzip') return zlib.gunzipSync(bytes, options);
    return hasZlibHeader(bytes) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

/**
 * Bytes of room for a layer's output. gzip ends with the size of what it holds (RFC 1952, section 2.3.1), so that mostly one piece
 * of memory is enough; a trailer that lies costs another piece, or room that stays empty.
 */
function roomFor(coding: Coding, bytes: Buffer): number {
  if (coding !== 'gzip' || bytes.length < 18) return zlib.constants.Z_DEFAULT_CHUNK;
  const said = bytes.readUInt32LE(bytes.length - 4);
  return Math.min(Math.max(said, 1024), SMALL_OUTPUT) + 1; // a full piece is followed by an empty one
}

/** A stream that undoes one layer; `first`, its first bytes where they are known, tells which deflate it is. */
export function createDecoder(coding: Coding, first: Buffer | null): Decoder {
  if (coding === 'gzip') return zlib.createGunzip();
  if (coding === 'br') return zlib.createBrotliDecompress();
  if (coding === 'zstd') return zstd.createZstdDecompress!(ZSTD_WINDOW);
  return first === null || hasZlibHeader(first) ? zlib.createInflate() : zlib.createInflateRaw();
}

/** `deflate` is the zlib format by RFC 9110, section 8.4.1.2, and bare deflate from servers that read it by its name (RFC 1950). */
const hasZlibHeader = (bytes: Buffer): boolean =>
  bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0;
