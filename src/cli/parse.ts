import { FeedError } from '../feed/entry.ts';
import { parseFeed } from '../feed/parse.ts';
import { CommandError } from './errors.ts';
import { print, readInput } from './output.ts';

/** `glasnik parse [FILE|-]`: one feed document to JSON. */
export async function parse(
  args: readonly (string | string[] | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const file = args[0] as string | undefined;
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  try {
    const feed = await parseFeed(readInput(file), {
      contentType: text('contentType'),
      url: text('url'),
      outletCountry: text('country')?.toUpperCase(),
    });
    await print(options.json ? JSON.stringify(feed) : JSON.stringify(feed, null, 2));
    return 0;
  } catch (error) {
    if (error instanceof FeedError) throw new CommandError(`${file ?? 'standard input'}: ${error.message}`);
    throw error;
  }
}
