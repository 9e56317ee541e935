#!/usr/bin/env node
// Runs the command line from its source, without a build: node tools/draft.mjs list
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));
const isMain = process.argv[1] === fileURLToPath(import.meta.url);

/** Runs `draft` with these arguments in a process of its own; resolves to its exit status. */
export const runFromSource = (args) =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--conditions=@draft/source', '--import', import.meta.resolve('tsx'), main, ...args],
      { stdio: 'inherit', env: { ...process.env, DRAFT_SOURCE: '1' } },
    );
    // A terminal sends Ctrl-C to both processes; the command line counts two that come at once as one.
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });

if (isMain) process.exitCode = await runFromSource(process.argv.slice(2));
