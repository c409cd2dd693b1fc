import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { inRoot } from '../../src/root.ts';

/** One line of a process's log: its fields as it wrote them. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A running `glasnik`. */
export type Running = {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Lines of the log so far; a line that is no JSON is `{ msg }`. */
  readonly log: readonly LogLine[];
  /** What it printed so far. */
  stdout(): string;
  /** What it wrote to standard error, as it was. */
  stderr(): string;
  /** Resolves with the first log line, past or to come, that is such. Rejects when the process ends first. */
  until(is: (line: LogLine) => boolean): Promise<LogLine>;
  kill(signal?: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
};

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Nothing of the developer's own settings reaches a process under test. */
const bare = (): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: process.env.HOME ?? '/tmp',
  ...(process.env.TMPDIR ? { TMPDIR: process.env.TMPDIR } : {}),
});

export type SpawnOptions = {
  readonly env?: Record<string, string>;
  readonly uid?: number;
  readonly gid?: number;
  /** Another copy of the program than this one. */
  readonly program?: string;
};

/** Starts `glasnik ARGS` as users do: the compiled program, in a process of its own. */
export function glasnik(args: readonly string[], options: SpawnOptions = {}): Running {
  const { env = {}, program = inRoot('bin', 'glasnik.mjs'), ...identity } = options;
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...bare(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...identity,
  });
  running.add(child);
  const log: LogLine[] = [];
  const waiting = new Set<{
    is: (line: LogLine) => boolean;
    take: (line: LogLine) => void;
    fail: (e: Error) => void;
  }>();
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  createInterface({ input: child.stderr! }).on('line', (text) => {
    stderr += `${text}\n`;
    const line = parseLine(text);
    log.push(line);
    for (const one of waiting)
      if (one.is(line)) {
        waiting.delete(one);
        one.take(line);
      }
  });
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    running.delete(child);
    const said = stderr.trim().split('\n').slice(-5).join('\n');
    for (const one of waiting) one.fail(new Error(`glasnik ${args.join(' ')} ended (${signal ?? code}): ${said}`));
    waiting.clear();
    return { code, signal };
  });
  return {
    pid: child.pid!,
    child,
    log,
    stdout: () => stdout,
    stderr: () => stderr,
    until(is) {
      const past = log.find(is);
      if (past) return Promise.resolve(past);
      if (child.exitCode !== null || child.signalCode !== null) return Promise.reject(new Error(`it ended: ${stderr}`));
      return new Promise((take, fail) => waiting.add({ is, take, fail }));
    },
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    ended,
  };
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Ended & { stdout: string; stderr: string }> {
  const command = glasnik(args, options);
  const ended = await command.ended;
  return { ...ended, stdout: command.stdout(), stderr: command.stderr() };
}

/** The log line by which a process says that it works. */
export const isReady = (line: LogLine): boolean =>
  line.msg === 'workers run' || line.msg === 'glasnik is up' || line.msg === 'serving';

function parseLine(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as LogLine) : { msg: text };
  } catch {
    return { msg: text };
  }
}
