/**
 * One element of a feed document as both readers hand it on: the name without the document's choice of prefix, so that
 * `<m:content xmlns:m="https://search.yahoo.com/mrss/">` and `<media:content>` are the same thing.
 */
export type XmlElement = {
  /** Lower case; `media:content`, `dc:creator`; elements of the feed's own format have no prefix (`title`, `pubdate`). */
  readonly name: string;
  /** Names in lower case, without prefix but for `xml:`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The decoded character data directly inside, CDATA included, child elements left out. */
  readonly text: string;
  /** What stands between the tags as written, when elements stand in it; null otherwise. */
  readonly inner: string | null;
  readonly children: readonly XmlElement[];
  /** The xml:base in effect, as far as the document gives one. */
  readonly base: string | null;
};

/** What a reader makes of a document: the channel (or feed) without its entries, and the entries. */
export type RawFeed = {
  readonly format: 'rss' | 'atom';
  readonly channel: XmlElement;
  readonly entries: readonly XmlElement[];
};

/** The first child of one of the names, in the order of the names, that `wanted` accepts. */
export function child(
  element: XmlElement,
  names: readonly string[],
  wanted: (candidate: XmlElement) => boolean = () => true,
): XmlElement | undefined {
  for (const name of names) {
    for (const candidate of element.children) if (candidate.name === name && wanted(candidate)) return candidate;
  }
  return undefined;
}

/** All children of one of the names, in the order of the names. */
export function children(element: XmlElement, ...names: string[]): XmlElement[] {
  const found: XmlElement[] = [];
  for (const name of names)
    for (const candidate of element.children) if (candidate.name === name) found.push(candidate);
  return found;
}
