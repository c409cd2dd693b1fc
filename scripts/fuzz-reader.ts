/**
 * Mutates documents and reads them: nothing but FeedError may be thrown, no document may take long, and what was read
 * before must come out the same. Prints its seed; the same seed makes the same documents.
 *
 *   npx tsx scripts/fuzz-reader.ts --seconds 60 --seed 1
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FeedError } from '../src/feed/entry.ts';
import { readHere } from '../src/feed/read.ts';
import { inRoot } from '../src/root.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
/** One document (some kilobytes) may take this long (ms); the garbage collector and a busy machine are in it. */
const SLOW = 1_000;
const folder = inRoot('test', 'feed', 'fixtures');
const fixtures = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`));
const marks = [
  '<',
  '>',
  '</',
  '&',
  ';',
  '"',
  "'",
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?',
  '<!DOCTYPE x [',
  '<item>',
  '</item>',
  '<entry/>',
  '\0',
  '\u00ff',
  '&#x0;',
  '&#xD800;',
  'xmlns="',
  'xml:base="',
  '{',
  '[',
  '\\u0000',
];

/** Small, fast and good enough to pick places (mulberry32). */
function randomOf(state: number): (below: number) => number {
  let a = state;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function mutate(document: Buffer, random: (below: number) => number): Buffer {
  const at = random(document.length + 1);
  const other = random(document.length + 1);
  const [from, to] = at < other ? [at, other] : [other, at];
  switch (random(7)) {
    case 0:
      return Buffer.concat([
        document.subarray(0, at),
        Buffer.from(marks[random(marks.length)]!),
        document.subarray(at),
      ]);
    case 1:
      return document.subarray(0, at);
    case 2:
      return Buffer.concat([document.subarray(0, from), document.subarray(Math.min(to, from + random(200)))]);
    case 3:
      return Buffer.concat([document.subarray(0, to), document.subarray(from)]).subarray(0, 60_000);
    case 4:
      return Buffer.concat([
        document.subarray(0, at),
        fixtures[random(fixtures.length)]!.subarray(random(500)),
      ]).subarray(0, 60_000);
    case 5:
      return Buffer.from(document.toString('latin1'), random(2) === 0 ? 'utf16le' : 'utf8');
    default: {
      const copy = Buffer.from(document);
      for (let n = random(6); n >= 0 && copy.length > 0; n--) copy[random(copy.length)] = random(256);
      return copy;
    }
  }
}

async function check(document: Buffer): Promise<number> {
  const options = { url: 'https://vesti.example/rss', outletCountry: 'RS' };
  const start = performance.now();
  const first = await readHere(document, options).catch((error: unknown) => {
    if (error instanceof FeedError) return null;
    throw error;
  });
  const took = performance.now() - start;
  if (took > SLOW) throw new Error(`took ${took.toFixed(0)} ms`);
  if (first === null) return 0;
  const known = new Set(first.entries.filter((_, index) => index % 2 === 0).map(({ hash }) => hash));
  const second = await readHere(document, { ...options, known });
  const expected = first.entries.filter(({ hash }) => !known.has(hash));
  if (JSON.stringify(second.entries) !== JSON.stringify(expected)) throw new Error('known entries change the others');
  return first.entries.length;
}

console.log(`seed ${seed}, ${fixtures.length} fixtures`);
const random = randomOf(seed);
const end = performance.now() + Number(values.seconds) * 1000;
let documents = 0;
let entries = 0;
while (performance.now() < end) {
  let document: Buffer = fixtures[random(fixtures.length)]!;
  for (let n = random(8); n >= 0; n--) document = mutate(document, random);
  try {
    entries += await check(document);
    documents++;
  } catch (error) {
    console.error(`document ${documents} of seed ${seed}:`, error, `\n${document.toString('base64').slice(0, 4_000)}`);
    process.exit(1);
  }
}
console.log(`${documents} documents, ${entries} entries read`);
