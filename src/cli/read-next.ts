import { answerReadNext } from '../http/readnext-answer.ts';
import { UsageError, wholeNumber } from './errors.ts';
import { open } from './open.ts';
import { plain, print, printJson } from './output.ts';

/** `glasnik read-next URL`: the list for an article, stored or not yet. */
export async function readNext(
  args: readonly (string | string[] | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const langs = options.lang === undefined ? null : [options.lang].flat().flatMap((l) => String(l).split(','));
  const limit = options.limit === undefined ? 4 : wholeNumber(options.limit, '--limit', { max: 24 });
  const text = (name: string) => (options[name] === undefined ? null : String(options[name]));
  const url = String(args[0]);
  if (!url.trim()) throw new UsageError('read-next needs an address');
  const { config, db, close } = await open();
  try {
    const answer = await answerReadNext(
      db,
      { url, limit, langs, title: text('title'), lead: text('lead') },
      new Date(),
    );
    if (options.json) await printJson(answer);
    else if (answer.items.length) await print(readNextForPeople(answer.items, config.displayTimeZone));
    else
      await print(
        answer.article
          ? 'Nothing stored goes with this article'
          : 'This article is not stored; --title and --lead say what it is about',
      );
    return 0;
  } finally {
    await close();
  }
}

type Line = {
  published_at: Date | null;
  kicker: string | null;
  lead: string | null;
  title: string;
  outlet: string | null;
};

/** A list as a newspaper prints it: time, kicker, lead. */
export function readNextForPeople(items: readonly Line[], timeZone: string): string {
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return items
    .map(({ published_at, kicker, lead, title, outlet }) => {
      const head = [published_at ? time.format(published_at) : null, kicker, outlet].filter(Boolean).join(' · ');
      return `${plain(head)}\n  ${wrap(plain(lead ?? title), 96).join('\n  ')}`;
    })
    .join('\n\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return line ? [...lines, line] : lines;
}
