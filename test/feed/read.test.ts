import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isClean, readClean } from '../../src/feed/clean.ts';
import { readEntry } from '../../src/feed/fields.ts';
import { parseFeed, readDocument } from '../../src/feed/parse.ts';
import { readTree } from '../../src/feed/tolerant.ts';
import { atom, bytesOf, cleanDocuments, damaged, item, rss } from './documents.ts';

const url = 'https://vesti.example/rss.xml';

describe('the two readers', () => {
  it('give the same entries of every document that both can read', async () => {
    let both = 0;
    await fc.assert(
      fc.asyncProperty(cleanDocuments, async (xml) => {
        const tree = readTree(xml);
        if (!isClean(xml, tree.context)) return;
        const elements = await readClean(xml);
        if (elements === null) return;
        both++;
        const format = tree.root.name === 'feed' ? 'atom' : 'rss';
        const context = { url, format, feedAuthor: null } as const;
        const map = (all: typeof elements) => all.map((element) => readEntry(element, context));
        expect(map(elements)).toEqual(map([...tree.entries]));
      }),
      { numRuns: 250 },
    );
    expect(both).toBeGreaterThan(60);
  });

  it('leave markup inside a field to the one that keeps its order', async () => {
    const { items } = await parseFeed(bytesOf(rss('<item><title>Prvo <b>drugo</b> treće</title></item>')));
    expect(items[0]?.title).toBe('Prvo drugo treće');
  });
});

describe('a document that was read before', () => {
  const document = (numbers: readonly number[]) => bytesOf(rss(numbers.map((n) => item(n)).join('\n')));

  it('gives only the entries that are new, and says which it still holds', async () => {
    const first = await readDocument(document([3, 2, 1]), { url });
    const known = new Set(first.entries.map(({ hash }) => hash));
    const second = await readDocument(document([5, 4, 3, 2]), { url, known });
    expect(second.entries.map(({ entry }) => entry.title)).toEqual(['Vest 5', 'Vest 4']);
    expect(second.seen).toEqual(first.entries.slice(0, 2).map(({ hash }) => hash));
  });

  it('gives an entry again when a byte of it has changed', async () => {
    const known = new Set((await readDocument(document([1]), { url })).entries.map(({ hash }) => hash));
    const changed = bytesOf(rss(item(1).replace('Vest', 'Vesti')));
    expect((await readDocument(changed, { url, known })).entries).toHaveLength(1);
  });

  it('gives all entries again when what they depend on has changed: base, namespaces, address, country', async () => {
    const xml = atom('<entry><title>a</title><link href="1"/></entry>');
    const hashOf = async (text: string, options = {}) =>
      (await readDocument(bytesOf(text), { url, ...options })).entries[0]?.hash;
    const hashes = await Promise.all([
      hashOf(xml),
      hashOf(xml.replace('<feed ', '<feed xml:base="https://druge.example/" ')),
      hashOf(xml.replace('2005/Atom"', '2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"')),
      hashOf(xml, { url: 'https://druge.example/rss.xml' }),
      hashOf(xml, { outletCountry: 'RS' }),
    ]);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('keeps its hashes when only the channel has changed its dates', async () => {
    const dated = (date: string) =>
      readDocument(bytesOf(rss(item(1), `<title>x</title><lastBuildDate>${date}</lastBuildDate>`)), { url });
    const [one, other] = [await dated('Tue, 01 Apr 2025 10:42:00 GMT'), await dated('Tue, 01 Apr 2025 11:42:00 GMT')];
    expect(one.entries[0]?.hash).toBe(other.entries[0]?.hash);
  });

  it('gives exactly what parseFeed gives, whichever entries are known and however damaged it is', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, fc.func(fc.boolean()), async (text, isKnown) => {
        const bytes = bytesOf(text);
        const whole = await readDocument(bytes, { url }).catch(() => null);
        if (whole === null) return;
        expect(whole.entries.map(({ entry }) => entry)).toEqual((await parseFeed(bytes, { url })).items);
        const known = new Set(whole.entries.map(({ hash }) => hash).filter(isKnown));
        const rest = await readDocument(bytes, { url, known });
        expect(rest.entries).toEqual(whole.entries.filter(({ hash }) => !known.has(hash)));
        expect(rest.seen).toEqual(whole.entries.map(({ hash }) => hash).filter((hash) => known.has(hash)));
      }),
      { numRuns: 200 },
    );
  });

  it('works for JSON Feed and for documents that cannot be cut, too', async () => {
    const json = JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', items: [{ id: '1' }, { id: '2' }] });
    const uncut = `<!DOCTYPE rss [<!ENTITY z "ž">]>${rss(item(1) + item(2)).replace(/^.*\n/, '')}`;
    for (const text of [json, uncut]) {
      const whole = await readDocument(bytesOf(text), { url });
      expect(whole.entries).toHaveLength(2);
      const rest = await readDocument(bytesOf(text), { url, known: new Set([whole.entries[0]!.hash]) });
      expect(rest.entries).toEqual(whole.entries.slice(1));
    }
  });

  it('tells about the feed even when nothing in it is new', async () => {
    const channel = '<title>Гласник</title><link>https://vesti.example/</link><language>sr</language><ttl>30</ttl>';
    const bytes = bytesOf(rss(item(1), channel));
    const known = new Set((await readDocument(bytes, { url })).entries.map(({ hash }) => hash));
    const { feed, entries } = await readDocument(bytes, { url, known });
    expect(entries).toEqual([]);
    expect(feed).toMatchObject({ title: 'Гласник', lang: 'sr', hints: { ttlMinutes: 30 } });
  });
});
