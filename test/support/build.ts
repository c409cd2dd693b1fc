import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRoot } from '../../src/root.ts';

/** Compiles the program once before the tests (a second, incrementally): tests of real processes run what users run. */
export default function build(): void {
  const tsc = inRoot('node_modules', '.bin', 'tsc');
  const { stdout } = spawnSync(tsc, ['-p', inRoot('tsconfig.build.json')], { encoding: 'utf8' });
  if (!existsSync(inRoot('dist', 'src', 'cli', 'main.js'))) throw new Error(`The program does not compile: ${stdout}`);
}
