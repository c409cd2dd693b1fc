/** Wrong usage: exit status 2, the message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command failed for a reason that a person can do something about: exit status 1, the message says what. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A positive whole number from the command line. @throws UsageError */
export function wholeNumber(text: unknown, name: string, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < min || n > max || String(text).trim() === '')
    throw new UsageError(
      `${name} must be a whole number from ${min}${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}, not "${String(text)}"`,
    );
  return n;
}
