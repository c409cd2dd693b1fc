import { fstatSync, readFileSync } from 'node:fs';
import { CommandError } from './errors.ts';

/** Writes to standard output, waiting for it: a pipe takes what it takes. A reader that left (head) is no error. */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`, (error) =>
      error && (error as NodeJS.ErrnoException).code !== 'EPIPE' ? reject(error) : resolve(),
    );
  });
}

export const printJson = (value: unknown): Promise<void> => print(JSON.stringify(value));

/** A table for people: columns as wide as their widest cell, nothing after the last. Control characters do not get through. */
export function table(rows: readonly (readonly (string | number | null | undefined)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => plain(String(cell ?? ''))));
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Text of a feed on a terminal: no escape codes, no control or bidi characters. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ');

/** A file's bytes, or standard input's for `-` and nothing. @throws CommandError */
export function readInput(file: string | undefined): Uint8Array {
  try {
    if (file !== undefined && file !== '/dev/stdin') return readFileSync(file);
    if (fstatSync(0).isCharacterDevice()) process.stderr.write('reading from standard input…\n');
    return readFileSync(0);
  } catch (error) {
    throw new CommandError(`${file ?? 'standard input'} cannot be read: ${(error as Error).message}`);
  }
}

/** Times as the contract's JSON has them: UTC with Z, whole seconds kept as they are. */
export const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
