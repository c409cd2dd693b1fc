import { z } from 'zod';
import { tagItem } from '../tag/tagger.ts';
import { CommandError } from './errors.ts';
import { print, readInput } from './output.ts';

const input = z.object({
  id: z.union([z.string(), z.number()]).nullish(),
  title: z.string().nullish(),
  summary: z.string().nullish(),
  lang: z.string().nullish(),
  outletCountry: z.string().nullish(),
});

/** `glasnik tag [FILE|-]`: JSON lines in, JSON lines out, in the same order. */
export async function tag(args: readonly (string | string[] | undefined)[]): Promise<number> {
  const file = args[0] as string | undefined;
  const lines = new TextDecoder().decode(readInput(file)).split('\n');
  const answers: string[] = [];
  for (const [i, line] of lines.entries()) {
    if (!line.trim()) continue;
    const item = readLine(line, `${file ?? 'standard input'}, line ${i + 1}`);
    const tags = tagItem({
      title: item.title ?? null,
      summary: item.summary ?? null,
      lang: item.lang ?? null,
      outletCountry: item.outletCountry ?? null,
    });
    const { lang, topic, relevant, relevance, countries, cooperation, orgs, kicker, evidence } = tags;
    answers.push(
      JSON.stringify({
        id: item.id ?? null,
        lang,
        topic,
        relevant,
        relevance,
        countries,
        cooperation,
        orgs,
        kicker,
        evidence,
      }),
    );
  }
  if (answers.length) await print(answers.join('\n'));
  return 0;
}

function readLine(line: string, where: string): z.infer<typeof input> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new CommandError(`${where} is no JSON`);
  }
  const item = input.safeParse(value);
  if (!item.success) {
    const { path, message } = item.error.issues[0]!;
    throw new CommandError(`${where}: ${path.join('.') || 'the line'}: ${message}`);
  }
  return item.data;
}
