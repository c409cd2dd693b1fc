#!/usr/bin/env node
import { existsSync } from 'node:fs';

// Name look-ups and decompression share libuv's threads: four are too few for 32 fetches at once.
process.env.UV_THREADPOOL_SIZE ??= '16';

// Whoever read what is written may be gone before this process: it still has to end in order, its database server with it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const compiled = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(compiled)) {
  process.stderr.write('glasnik: the compiled program is missing: run "npm run build" first\n');
  process.exit(1);
}
const { main } = await import(compiled.href);
process.exitCode = await main(process.argv);
