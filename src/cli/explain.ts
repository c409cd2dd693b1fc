import { type Explanation, explainItem } from '../store/explain.ts';
import { itemByAddress } from '../store/items.ts';
import { CommandError } from './errors.ts';
import { open } from './open.ts';
import { plain, print, printJson, table } from './output.ts';

/** `glasnik explain URL` */
export async function explain(
  args: readonly (string | string[] | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const url = String(args[0]);
  const { db, close } = await open();
  try {
    const found = await itemByAddress(db, url);
    const explanation = found && (await explainItem(db, found.item_id));
    if (!explanation) throw new CommandError(`No stored article has, or had, the address ${url}`);
    await (options.json ? printJson(explanation) : print(page(explanation)));
    return 0;
  } finally {
    await close();
  }
}

function page({ item, feeds, tags, story, evidence, read_next }: Explanation): string {
  const percent = (p: number) => `${Math.round(p * 100)} %`;
  const words = (list: Explanation['tags'][number]['evidence']) =>
    list.map((w) => `“${plain(w.text)}” (${w.field} ${w.start}–${w.end})`).join(', ') || 'no single word';
  const shared = (why: readonly unknown[]) =>
    why
      .map((w) =>
        typeof w === 'object' && w !== null && 'term' in w ? String((w as { term: unknown }).term) : JSON.stringify(w),
      )
      .join(', ');
  const parts = [
    `${plain(item.title)}\n${plain(item.url)}\n${item.lang} · ${item.outlet ?? '?'} · carried by ${feeds.length} feed${feeds.length === 1 ? '' : 's'}${item.mark ? ` · marked ${item.mark}` : ''}`,
    `Tags (tagger ${item.tagger}): ${item.topic}, relevance ${percent(item.relevance)}\n${table(
      tags.map((t) => [`  ${t.scheme}`, t.tag, percent(t.score), words(t.evidence)]),
    )}`,
    `Story ${item.story_id}: ${story.length} report${story.length === 1 ? '' : 's'}\n${table(
      story.map((s) => [
        s.item_id === item.item_id ? '→' : ' ',
        s.sort_at.toISOString().slice(0, 16),
        s.lang,
        s.outlet,
        `${plain(s.title)}${s.copy_of ? ` (copy of ${s.copy_of})` : ''}`,
      ]),
    )}`,
    evidence?.nearest
      ? `  nearest report: item ${evidence.nearest.id}, same event with ${percent(evidence.nearest.same)}; shared: ${shared(evidence.nearest.why)}`
      : '  no other report of this event is known',
    evidence?.runnerUp
      ? `  not joined: story ${evidence.runnerUp.story} (item ${evidence.runnerUp.id}), same event with ${percent(evidence.runnerUp.same)}; shared: ${shared(evidence.runnerUp.why)}`
      : '',
    read_next.length
      ? `Read next\n${table(read_next.map((r) => [`  ${r.rank}`, r.score.toFixed(2), r.reasons.join('; '), plain(r.title)]))}`
      : 'Read next: nothing stored goes with it',
  ];
  return parts.filter(Boolean).join('\n\n');
}
