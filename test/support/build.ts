import { execFileSync } from 'node:child_process';
import { inRoot } from '../../src/root.ts';

/** Tests of the command line run the compiled program, as users do: compile it once before them. */
export function setup(): void {
  execFileSync(
    process.execPath,
    [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', inRoot('tsconfig.build.json')],
    {
      cwd: inRoot(),
      stdio: 'inherit',
    },
  );
}
