#!/usr/bin/env node
import { existsSync } from 'node:fs';

// As in glasnik.mjs.
process.env.UV_THREADPOOL_SIZE ??= '16';

const compiled = new URL('../dist/demo/main.js', import.meta.url);
if (!existsSync(compiled)) {
  process.stderr.write('glasnik: the compiled program is missing: run "npm run build" first\n');
  process.exit(1);
}
const { demo } = await import(compiled.href);
process.exitCode = await demo();
