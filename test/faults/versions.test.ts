import { cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inRoot } from '../../src/root.ts';
import { temporaryFolder } from '../support/folder.ts';
import { run } from '../support/process.ts';
import { settled } from './fleet.ts';
import { proveEqual, STAGES, useWorld } from './world.ts';

const world = useWorld();
const release = temporaryFolder('glasnik-release-');
afterAll(() => rmSync(release, { recursive: true, force: true }));

/** The next release, as far as a database sees it: this program with one more migration, in a folder of its own. */
function nextRelease(): string {
  for (const part of ['bin', 'dist', 'sql', 'catalogue', 'package.json', 'src'])
    cpSync(inRoot(part), path.join(release, part), { recursive: true });
  symlinkSync(inRoot('node_modules'), path.join(release, 'node_modules'));
  writeFileSync(
    path.join(release, 'sql', '9999_next.sql'),
    // Locks that wait for every fetch and every relating, and make the next ones wait.
    `alter table glasnik.feeds add column next_release text;
     alter table glasnik.items add column next_release text;
     create index on glasnik.items (next_release);`,
  );
  return path.join(release, 'bin', 'glasnik.mjs');
}

test('migrations run while workers of the version before work, who go on; one that starts afterwards stops and says why', async () => {
  const { stand, expected } = world();
  const { db, fleet } = await world().begin();
  const program = nextRelease();
  await Promise.all([fleet.start(), fleet.start()]);
  await settled(db, stand);
  stand.setStage(1);
  const migrated = await Promise.all([1, 2, 3].map(() => run(['migrate'], { env: fleet.env, program })));
  expect(migrated.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(3).fill({ code: 0, stderr: '' }));
  for (let stage = 2; stage <= STAGES; stage++) {
    await settled(db, stand);
    stand.setStage(stage);
  }
  await settled(db, stand);
  expect(fleet.workers.map((worker) => worker.child.exitCode)).toEqual([null, null]);

  for (const command of ['work', 'serve', 'migrate']) {
    const { code, stderr } = await run([command], { env: fleet.env });
    expect({ command, code }).toEqual({ command, code: 1 });
    expect(stderr).toMatch(/is newer than this glasnik.*[Uu]pdate glasnik on this machine/);
  }
  await proveEqual(fleet, db, expected);
});
