import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { damagedFiles, installationState } from '../../src/runtime/provision/completion-record.js';
import { createWorkshop, type Workshop } from './workshop.js';

let workshop: Workshop;
beforeEach(() => {
  workshop = createWorkshop();
});
afterEach(() => workshop.remove());

/** Installs in a process of its own; the answer is what it logged. */
const installElsewhere = () => {
  const script = fileURLToPath(new URL('./install-in-process.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), script, workshop.folder, JSON.stringify(workshop.build)],
    { env: { ...workshop.environment, FAKE_PIP: 'slow', TMPDIR: join(workshop.home) }, stdio: 'pipe' },
  );
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const done = new Promise<string>((resolve) => child.once('close', () => resolve(output)));
  return { child, done };
};

it('lets one of two processes work and the other wait for its result', async () => {
  const outputs = await Promise.all([installElsewhere().done, installElsewhere().done]);
  expect(workshop.downloads()).toHaveLength(1);
  expect(outputs.filter((text) => text.includes('waiting for it'))).toHaveLength(1);
  for (const text of outputs) expect(text).toContain('ready');
  expect(workshop.neighbours()).toEqual(['installation']);
  expect(await damagedFiles(workshop.folder)).toEqual([]);
});

it('recovers from a process that was killed in the middle', async () => {
  const { child, done } = installElsewhere();
  while (workshop.downloads().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill('SIGKILL');
  await done;
  expect(workshop.neighbours()).toContain('installation.lock');
  expect(installationState(workshop.folder)).toBe('missing');
  await installElsewhere().done;
  expect(installationState(workshop.folder)).toBe('ready');
  expect(workshop.neighbours()).toEqual(['installation']);
});
