import type { Queryable } from './database.ts';

/** An entry that may be an article we have, or a new one. */
export type Candidate = {
  /** Address keys under which the article may be known; the first is that of `url`. */
  readonly keys: readonly string[];
  readonly url: string;
  readonly title: string;
  readonly lead: string | null;
  readonly imageUrl: string | null;
  readonly author: string | null;
  /** ISO 8601, or null. */
  readonly publishedAt: string | null;
  readonly guid: string | null;
  /** Of the entry as it stood in the document. */
  readonly entryHash: string;
  /** Of title and lead: what counts as a change of the text. */
  readonly textHash: string;
};

/** What is stored of a candidate's article. */
export type Known = {
  /** Index into the candidates. */
  readonly n: number;
  readonly item_id: number | null;
  /** The article was pruned: it never comes back. */
  readonly pruned: boolean;
  /** Found by address, or only by the feed's guid (then the text has to decide whether it is the same article). */
  readonly by: 'address' | 'guid';
  readonly title: string | null;
  readonly lead: string | null;
  readonly address_key: string | null;
  readonly published_at: Date | null;
  readonly author: string | null;
  readonly image_url: string | null;
  readonly text_hash: string | null;
  readonly told_by: number | null;
  readonly own_site: boolean | null;
};

/** Candidates with the feed that names them. */
export type Question = { readonly feedId: number; readonly candidates: readonly Candidate[] };

/**
 * Finds what is stored of the candidates of several feeds: by any of their addresses, else by the guid that their feed gave them.
 * Answers in the order of the questions; `n` counts within each.
 */
export async function findKnown(db: Queryable, questions: readonly Question[]): Promise<Known[][]> {
  const asked = questions.flatMap(({ feedId, candidates }, q) => candidates.map((c, n) => ({ q, n, feedId, c })));
  const keys = asked.flatMap(({ c }, at) => c.keys.map((key) => ({ at, key })));
  const guids = asked.flatMap(({ c, feedId }, at) => (c.guid ? [{ at, feedId, guid: c.guid }] : []));
  const { rows } = await db.query<Known>(
    `with by_address as (
       select w.n, min(a.item_id) as item_id, bool_or(p.key_hash is not null) as pruned
         from (select n, glasnik.key_hash(key) as key_hash from unnest($1::int[], $2::text[]) as w (n, key)) w
         left join glasnik.item_addresses a using (key_hash)
         left join glasnik.pruned_keys p using (key_hash)
        group by w.n
       having min(a.item_id) is not null or bool_or(p.key_hash is not null)
     ), by_guid as (
       select w.n, min(f.item_id) as item_id
         from unnest($3::int[], $4::bigint[], $5::text[]) as w (n, feed_id, guid)
         join glasnik.item_feeds f on f.feed_id = w.feed_id and md5(f.guid) = md5(w.guid) and f.guid = w.guid
        where w.n not in (select n from by_address)
        group by w.n
     ), known as (
       select n, item_id, pruned, 'address' as by from by_address
        union all
       select n, item_id, false, 'guid' from by_guid
     )
     select k.n, k.item_id, k.pruned, k.by, i.title, i.lead, i.address_key, i.published_at, i.author, i.image_url, i.text_hash, i.told_by, i.own_site
       from known k
       left join glasnik.items i using (item_id)`,
    [
      keys.map((k) => k.at),
      keys.map((k) => k.key),
      guids.map((g) => g.at),
      guids.map((g) => g.feedId),
      guids.map((g) => g.guid),
    ],
  );
  const answers: Known[][] = questions.map(() => []);
  for (const row of rows) {
    const { q, n } = asked[row.n]!;
    answers[q]!.push({ ...row, n });
  }
  return answers;
}
