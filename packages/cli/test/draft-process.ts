import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { runCli } from '../src/run-cli.js';

const tool = fileURLToPath(new URL('../../../tools/draft.mjs', import.meta.url));

/** What stderr must be after bad input: one line, hints about a plugin below it, and no trace of where it was found. */
export const oneSentence = /^error: [^\n]+\n(?: {2}(?:Installed|Cannot|Looked|A|An|Asked) [^\n]+\n)*$/;

/** Runs `draft` as a person does, on the back end that is there everywhere. */
export const runDraft = (cwd: string, args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, DRAFT_DEBUG: '', DRAFT_BACKEND: 'wasm' },
  });
  return { status, stdout, stderr };
};

/** The same within this process, which is faster; for what fails before much is loaded. */
export const runDraftHere = async (cwd: string, args: readonly string[]) => {
  const written = { stdout: '', stderr: '' };
  const record = (stream: 'stdout' | 'stderr') =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  const home = process.cwd();
  const spies = [record('stdout'), record('stderr')];
  vi.stubEnv('DRAFT_BACKEND', 'wasm');
  process.chdir(cwd);
  try {
    const status = await runCli(args);
    return { status, ...written };
  } finally {
    process.chdir(home);
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  }
};
