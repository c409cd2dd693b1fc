/** One command of the command line: its usage in cac's notation, what it does, its flags, and what runs. */
export type Command = {
  readonly usage: string;
  readonly about: string;
  readonly options: readonly (readonly [flag: string, about: string])[];
  /** @returns the exit status where it is not 0 */
  run(
    args: readonly (string | string[] | undefined)[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<number | undefined>;
};

const JSON_FLAG = ['--json', 'Print JSON: one object, or one a line'] as const;

/** The commands; each is loaded only when it runs, so that `tag` does not wait for the web server's code. */
export const commands: readonly Command[] = [
  {
    usage: 'up',
    about: 'Start everything: embedded services where none are configured, scheduler, workers, HTTP',
    options: [],
    run: async () => (await import('./up.ts')).up(),
  },
  {
    usage: 'work',
    about: 'Run workers and the scheduler only: as many of these as you like',
    options: [
      ['--queues <names>', 'Only these queues: sweep,fetch,relate'],
      ['--concurrency <n>', 'Feeds under way at once (default FETCH_CONCURRENCY)'],
    ],
    run: async (_, options) => (await import('./work.ts')).work(options),
  },
  {
    usage: 'serve',
    about: 'Serve HTTP only',
    options: [],
    run: async () => (await import('./serve.ts')).serve(),
  },
  {
    usage: 'migrate',
    about: 'Bring the database to this version; safe to run by many at once',
    options: [['--seed', 'Load the bundled catalogue if there are no feeds'], JSON_FLAG],
    run: async (_, options) => (await import('./migrate.ts')).migrateCommand(options),
  },
  {
    usage: 'feeds <action> [...args]',
    about:
      'The catalogue: list, show ID, add URL, set ID KEY=VALUE…, remove ID, enable ID, disable ID, import FILE, export',
    options: [
      ['--bundled', 'import: the catalogue that comes with glasnik'],
      ['--opml', 'export: OPML 2.0 instead of JSON'],
      JSON_FLAG,
    ],
    run: async (args, options) => (await import('./feeds.ts')).feeds(args, options),
  },
  {
    usage: 'fetch [...feeds]',
    about: 'Fetch feeds by hand, by id or address; waits and prints a line a feed',
    options: [
      ['--all', 'All active and failing feeds'],
      ['--due', 'Only those that are due'],
      ['--force', 'Even where a Retry-After is being waited out; sets validators and hashes aside'],
      ['--settle', 'Return only when the new items have their stories and lists'],
      ['--dry-run', 'Fetch, parse, tag and show; store nothing'],
      JSON_FLAG,
    ],
    run: async (args, options) => (await import('./fetch.ts')).fetchCommand(args, options),
  },
  {
    usage: 'parse [file]',
    about: 'Read one feed document (a file, or - for standard input) and print its entries',
    options: [
      ['--content-type <type>', 'The Content-Type it came with'],
      ['--url <url>', 'The address it came from'],
      ['--country <code>', "The outlet's country, for times without a zone"],
      JSON_FLAG,
    ],
    run: async (args, options) => (await import('./parse.ts')).parse(args, options),
  },
  {
    usage: 'tag [file]',
    about: 'Tag items given as JSON lines (a file, or - for standard input)',
    options: [JSON_FLAG],
    run: async (args) => (await import('./tag.ts')).tag(args),
  },
  {
    usage: 'explain <url>',
    about: 'Why a stored item has its tags, its story and its Read next list',
    options: [JSON_FLAG],
    run: async (args, options) => (await import('./explain.ts')).explain(args, options),
  },
  {
    usage: 'mark <url> <mark>',
    about: "An editor's word over the machine's: relevant, irrelevant, hidden or auto",
    options: [JSON_FLAG],
    run: async (args, options) => (await import('./mark.ts')).mark(args, options),
  },
  {
    usage: 'read-next <url>',
    about: 'What to read after an article',
    options: [
      ['--limit <n>', 'How many (default 4)'],
      ['--lang <lang>', 'Only reports in this language; may be given more than once'],
      ['--title <title>', 'What an article that is not stored is about'],
      ['--lead <lead>', 'The same, its lead'],
      JSON_FLAG,
    ],
    run: async (args, options) => (await import('./read-next.ts')).readNext(args, options),
  },
  {
    usage: 'retag',
    about: 'Run the current tagger over stored items; may be stopped and resumed',
    options: [['--dry-run', 'Only say how many tags would change'], JSON_FLAG],
    run: async (_, options) => (await import('./retag.ts')).retag(options),
  },
  {
    usage: 'prune',
    about: 'Apply retention now',
    options: [JSON_FLAG],
    run: async (_, options) => (await import('./prune.ts')).prune(options),
  },
  {
    usage: 'status',
    about: 'Feeds by state, queues, lag, last errors, how to connect: the system on one screen',
    options: [JSON_FLAG],
    run: async (_, options) => (await import('./status.ts')).status(options),
  },
  {
    usage: 'doctor',
    about: 'Check configuration, connections, versions, clock and permissions; say what to do about each finding',
    options: [JSON_FLAG],
    run: async (_, options) => (await import('./doctor.ts')).doctor(options),
  },
];
