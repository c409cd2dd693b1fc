import { listKeys } from '../readnext/keys.ts';
import { type Candidate, LIST_LENGTH, makeList } from '../readnext/rank.ts';
import { sayReason } from '../readnext/reasons.ts';
import type { Queryable } from '../store/database.ts';
import type { ItemRow } from '../store/items.ts';
import { type Neighbour, neighbours } from '../store/lists.ts';
import { createMemory } from '../store/memory.ts';
import { articleWithList, type ReadNextRow, reportsOf } from '../store/readnext.ts';
import { storyFeatures } from '../story/features.ts';
import { tagItem, weighSoftly } from '../tag/tagger.ts';

/** What is asked: an article's address, and what it is about where it may not be stored. */
export type ReadNextQuestion = {
  readonly url: string;
  readonly limit: number;
  readonly langs: readonly string[] | null;
  readonly title: string | null;
  readonly lead: string | null;
};

/** The list of `/v1/read-next` and `glasnik read-next`. */
export type ReadNextAnswer = { readonly article: ItemRow | null; readonly items: readonly ReadNextEntry[] };

/** A row of wire.read_next without the article's own id, which a list of an unknown article lacks. */
export type ReadNextEntry = Omit<ReadNextRow, 'item_id'>;

/**
 * What to read after an article: the ready-made list of a stored one; of an unknown one with a title a list made now, by the very
 * code that makes the stored ones; else nothing. The address is never fetched.
 * @param now where the unknown article stands in time
 */
export async function answerReadNext(db: Queryable, question: ReadNextQuestion, now: Date): Promise<ReadNextAnswer> {
  const stored = await articleWithList(db, question.url, question.limit, question.langs);
  if (stored?.hidden) return { article: null, items: [] };
  if (stored) return { article: stored.item, items: stored.list.map(({ item_id: _, ...entry }) => entry) };
  if (!question.title && !question.lead) return { article: null, items: [] };
  return { article: null, items: await listForText(db, question, now) };
}

async function listForText(db: Queryable, question: ReadNextQuestion, now: Date): Promise<ReadNextEntry[]> {
  const tags = tagItem({ title: question.title, summary: question.lead });
  const features = storyFeatures({
    lang: tags.lang,
    title: question.title,
    summary: question.lead,
    publishedAt: now,
    tags,
  });
  const soft = weighSoftly({ title: question.title, summary: question.lead });
  const article: Candidate = { id: 0, story: 0, outlet: null, isCopy: false, lang: tags.lang, tags, soft, features };
  const wanted = [{ itemId: 0, at: now, keys: listKeys(tags, features.keys, soft) }];
  const { near, items } = await neighbours(db, createMemory(0), wanted, { perKey: 100, most: 200 });
  const candidates = (near.get(0) ?? []).flatMap((id) => {
    const row = items.get(id);
    return row ? [toCandidate(row)] : [];
  });
  const list = makeList(article, candidates, LIST_LENGTH);
  const reports = await reportsOf(
    db,
    list.map((entry) => entry.candidate.story as number),
    tags.lang,
    question.langs,
  );
  return list
    .flatMap(({ candidate, score, reasons }) => {
      const report = reports.get(candidate.story as number);
      return report ? [{ ...report, score, reasons: reasons.map(sayReason) }] : [];
    })
    .slice(0, question.limit)
    .map((entry, i) => ({ ...entry, rank: i + 1 }));
}

const toCandidate = (row: Neighbour): Candidate => ({
  id: row.item_id,
  story: row.story_id,
  outlet: row.outlet,
  isCopy: row.copy_of !== null,
  lang: row.lang,
  tags: row.tags,
  soft: row.soft,
  features: row.sketch,
});
