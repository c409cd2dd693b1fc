/**
 * Measures Read next over labelled items, in memory and in seconds: nDCG@4 by the table of grades, and where it is lost.
 *
 *   npx tsx scripts/eval-readnext.ts [--tags held-out|own|labels] [--hard] [--losses] [FILE…]
 *
 * Items come as a worker would see them: related in rounds in order of time, one list for the first report of every relevant story,
 * each story shown by the report that a reader would get. `held-out` (default for test/gold): tags of models that never saw the
 * item's story; `own`: the tagger as it is; `labels`: the labels themselves. `--hard` leaves the likelihoods of tags aside, `--cache FILE` keeps
 * the tags held out from run to run, `--losses` prints the worst lists.
 */
import { parseArgs } from 'node:util';
import { type Candidate, type Entry, makeList } from '../src/readnext/rank.ts';
import { inRoot } from '../src/root.ts';
import { storyFeatures } from '../src/story/features.ts';
import { tagItem, weighSoftly } from '../src/tag/tagger.ts';
import { gradeOf, heldOut, type Labelled, readSet, type Seen } from './graded.ts';
import { relateInRounds } from './rounds.ts';

const tagOf = (item: Labelled): Seen => {
  const { title, summary, outletCountry } = item;
  return { tags: tagItem({ title, summary, outletCountry }), soft: weighSoftly({ title, summary, outletCountry }) };
};

type Related = {
  readonly items: readonly Labelled[];
  readonly ready: ReadonlyMap<string, Candidate>;
  readonly langs: ReadonlyMap<string, string>;
  readonly reports: ReadonlyMap<string | number, readonly Labelled[]>;
};

/** The items of one set with what relating makes of them. */
function relateSet(items: readonly Labelled[], see: (item: Labelled) => Seen, hard: boolean): Related {
  const seen = items.map((item) => ({ ...see(item), item }));
  const featured = seen.map(({ item, tags }) => ({
    id: item.id,
    features: storyFeatures({
      lang: tags.lang,
      title: item.title,
      summary: item.summary,
      publishedAt: item.publishedAt,
      tags,
    }),
  }));
  const placed = relateInRounds(featured);
  const ready = new Map<string, Candidate>();
  const reports = new Map<string | number, Labelled[]>();
  seen.forEach(({ item, tags, soft }, i) => {
    const { story, copyOf } = placed.get(item.id)!;
    const likely = hard || soft === null ? {} : { soft };
    const { features } = featured[i]!;
    ready.set(item.id, {
      id: item.id,
      story,
      outlet: item.outlet,
      isCopy: copyOf !== null,
      lang: tags.lang,
      tags,
      features,
      ...likely,
    });
    reports.set(story, [...(reports.get(story) ?? []), item]);
  });
  const langs = new Map(seen.map(({ item, tags }) => [item.id, tags.lang]));
  return { items, ready, langs, reports };
}

/** The report by which a reader of `lang` gets a story: as glasnik.best_report chooses. */
function shownReport({ ready, langs, reports }: Related, story: string | number, lang: string): Labelled {
  const listed = reports.get(story)!.filter((i) => ready.get(i.id)!.tags.topic !== 'other');
  const weight = (i: Labelled) =>
    (langs.get(i.id) === lang ? 4 : 0) + (ready.get(i.id)!.isCopy ? 0 : 2) + ((i.summary ?? '').length >= 60 ? 1 : 0);
  return [...listed].sort((a, b) => weight(b) - weight(a))[0] ?? reports.get(story)![0]!;
}

const gainOf = (grade: number): number => 2 ** grade - 1;
const discounted = (gains: readonly number[]): number => gains.reduce((sum, g, i) => sum + g / Math.log2(i + 2), 0);

type Judged = {
  readonly article: Labelled;
  readonly ndcg: number;
  readonly grades: readonly (number | null)[];
  readonly ideal: readonly number[];
};

/** The list of one article against the labels. */
function judge(
  set: Related,
  article: Labelled,
): Judged & { readonly list: readonly Entry[]; readonly shown: readonly Labelled[] } {
  const own = set.ready.get(article.id)!;
  const list = makeList(own, [...set.ready.values()], 4);
  const shown = list.map((e) => shownReport(set, e.candidate.story!, set.langs.get(article.id)!));
  const told = new Set<string>();
  const grades = shown.map((item) => {
    if (item.story !== null && told.has(item.story)) return null;
    if (item.story !== null) told.add(item.story);
    return gradeOf(article, item);
  });
  const best = new Map<string, number>();
  for (const item of set.items) {
    if (item.id === article.id) continue;
    const key = item.story ?? item.id;
    best.set(key, Math.max(best.get(key) ?? 0, gradeOf(article, item) ?? 0));
  }
  const ideal = [...best.values()].sort((a, b) => b - a).slice(0, 4);
  const most = discounted(ideal.map(gainOf));
  const ndcg = most === 0 ? 1 : discounted(grades.map((g) => gainOf(g ?? 0))) / most;
  return { article, ndcg, grades, ideal, list, shown };
}

const { values, positionals } = parseArgs({
  options: {
    tags: { type: 'string' },
    hard: { type: 'boolean', default: false },
    losses: { type: 'boolean', default: false },
    cache: { type: 'string' },
  },
  allowPositionals: true,
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const files =
  positionals.length > 0 ? positionals : ['one', 'two'].map((name) => inRoot('test', 'gold', `${name}.jsonl`));
const mode = values.tags ?? (positionals.length > 0 ? 'own' : 'held-out');
const kept = mode === 'held-out' ? heldOut(values.cache) : null;
const see = (item: Labelled): Seen =>
  mode === 'labels' ? { tags: item, soft: null } : (kept?.get(item.id) ?? tagOf(item));

for (const file of files) {
  const items = readSet(file);
  const set = relateSet(items, see, values.hard);
  const first = new Map<string, Labelled>();
  for (const item of items)
    if (item.relevant && item.story !== null && !first.has(item.story)) first.set(item.story, item);
  const judged = [...first.values()].map((article) => judge(set, article));
  const entries = judged.flatMap((j) => j.grades);
  // What would be won if the entries of one grade, of those that were missed, had been known.
  const lost = [0, 0, 0, 0];
  for (const { grades, ideal } of judged) {
    const most = discounted(ideal.map(gainOf));
    ideal.forEach((want, i) => {
      if (most > 0) lost[want]! += (gainOf(want) - gainOf(grades[i] ?? 0)) / Math.log2(i + 2) / most / judged.length;
    });
  }
  print(
    `${file.split('/').at(-1)} ${mode}${values.hard ? ' hard' : ''}: ${judged.length} lists, nDCG@4 ${(judged.reduce((s, j) => s + j.ndcg, 0) / judged.length).toFixed(3)}, ` +
      `own or repeated ${((100 * entries.filter((g) => g === null).length) / entries.length).toFixed(1)} % of ${entries.length}, ` +
      `short ${judged.filter((j) => j.list.length < 4).length}, lost where the ideal has 1/2/3: ${lost
        .slice(1)
        .map((x) => x.toFixed(3))
        .join(' ')}`,
  );
  if (values.losses)
    for (const { article, ndcg, list, grades, ideal, shown } of [...judged]
      .sort((a, b) => a.ndcg - b.ndcg)
      .slice(0, 25)) {
      print(
        `\n${ndcg.toFixed(2)} ${article.id} ${article.lang} ${article.countries}/${article.cooperation} ${article.affair} ideal ${ideal} | ${article.title}`,
      );
      list.forEach((e, i) => {
        const item = shown[i]!;
        print(
          `   ${grades[i] ?? '-'} ${e.score.toFixed(2)} a=${e.affair.toFixed(2)} ${item.lang} ${item.topic.slice(0, 8)}>${e.candidate.tags.topic.slice(0, 8)} ${item.countries}/${item.cooperation}>${e.candidate.tags.countries}/${e.candidate.tags.cooperation} ${item.affair} | ${item.title}`,
        );
      });
    }
}
