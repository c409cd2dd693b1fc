import { cac } from 'cac';
import { ConfigError, VERSION } from '../config.ts';
import { withoutCredentials } from '../log.ts';
import { NewerDatabaseError } from '../store/migrate.ts';
import { commands } from './commands.ts';
import { CommandError, UsageError } from './errors.ts';

/**
 * Runs one command line.
 * @param argv as in process.argv
 * @returns the exit status: 0 done, 1 something failed and standard error says what, 2 wrong usage
 */
export async function main(argv: readonly string[]): Promise<number> {
  const cli = cac('glasnik');
  let outcome: Promise<number | undefined> | undefined;
  for (const { usage, about, options, run } of commands) {
    const command = cli.command(usage, about);
    for (const [flag, text] of options) command.option(flag, text);
    command.action((...args: unknown[]) => {
      const given = args.pop() as Record<string, unknown>;
      outcome = run(args as (string | string[] | undefined)[], given);
    });
  }
  cli.help((sections) => [
    ...sections.filter((section) => section.title !== 'For more info, run any command with the `--help` flag'),
    ...(argv.length <= 3
      ? [
          {
            title: 'More',
            body: '  glasnik <command> --help says what a command takes. Settings are environment variables: see docs/operate.md.',
          },
        ]
      : []),
  ]);
  cli.version(VERSION);
  try {
    // The parser takes a lone hyphen for nothing; here it is the usual name of standard input.
    const parsed = cli.parse(
      argv.map((arg) => (arg === '-' ? '/dev/stdin' : arg)),
      { run: false },
    );
    if (parsed.options.help || parsed.options.version) return 0;
    if (!cli.matchedCommand) {
      const name = argv[2];
      throw new UsageError(
        name === undefined ? 'Which command? See glasnik --help' : `There is no command "${name}": see glasnik --help`,
      );
    }
    cli.runMatchedCommand();
    return (await outcome) ?? 0;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  const { name, message } = error as Error;
  if (error instanceof UsageError || name === 'CACError') {
    process.stderr.write(`glasnik: ${message}\n`);
    return 2;
  }
  if (error instanceof ConfigError || error instanceof CommandError || error instanceof NewerDatabaseError) {
    process.stderr.write(`glasnik: ${withoutCredentials(message)}\n`);
    return error instanceof ConfigError ? 2 : 1;
  }
  // Nobody foresaw this one: the sentence is all a person can use, the stack is for whoever asked for it.
  process.stderr.write(`glasnik: ${withoutCredentials(message ?? String(error))}\n`);
  if (process.env.LOG_LEVEL === 'debug') process.stderr.write(`${withoutCredentials((error as Error).stack ?? '')}\n`);
  return 1;
}
