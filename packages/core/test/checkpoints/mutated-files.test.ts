import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'draft-mutated-'));
afterAll(() => rmSync(folder, { recursive: true }));

const limited = ['-c', 'ulimit -d 163840 && ulimit -t 120 && exec "$0" "$@"'];

/**
 * Runs Node where all writable memory of the process is limited, most of which the program itself takes, and its heap
 * once more; and the time of the processor, of which ten seconds are needed: a file that is never done with ends it.
 */
const runLimited = async (...args: readonly string[]): Promise<string> => {
  const limits = ['--max-old-space-size=40', '--max-semi-space-size=1'];
  const command = [...limited, process.execPath, ...limits, ...args];
  const { stdout } = await promisify(execFile)('sh', command, { timeout: 880_000, killSignal: 'SIGKILL' });
  return stdout;
};

it('each of 10000 mutated files is loaded as a second reader reads it, or refused in one sentence', async () => {
  const program = fileURLToPath(new URL('../support/mutated-files/check-mutated-files.ts', import.meta.url));
  const tsx = import.meta.resolve('tsx');
  const outcomes = JSON.parse(
    await runLimited('--import', tsx, program, '10000', join(folder, 'mutated.pt')),
  );
  expect(outcomes.same + outcomes.other + outcomes.refused).toBe(10_000);
  // All three happen often. Numbers make up a tenth of a file, and the older format has no checksum of them.
  expect(outcomes.same).toBeGreaterThan(500);
  expect(outcomes.other).toBeGreaterThan(200);
  expect(outcomes.refused).toBeGreaterThan(5000);
  // In microseconds of the processor; a file of 6 kB has taken at most 40 ms.
  expect(outcomes.slowest).toBeLessThan(500_000);
  // In bytes, with what the rounds before have left uncollected; there have been at most 4 MB.
  expect(outcomes.largest).toBeLessThan(16e6);
}, 900_000);

it('and memory and time are limited there', async () => {
  expect(await runLimited('-e', 'console.log(new Uint8Array(2 ** 24).length)')).toBe('16777216\n');
  await expect(runLimited('-e', 'new Uint8Array(2 ** 27)')).rejects.toThrow(/allocation failed/);
  const hoard = 'const a = []; for (let i = 0; i < 2 ** 21; i += 1) a.push([i]);';
  await expect(runLimited('-e', hoard)).rejects.toThrow(/heap out of memory|heap limit/);
  const { stdout } = await promisify(execFile)('sh', [...limited, 'sh', '-c', 'ulimit -t']);
  expect(stdout.trim()).toBe('120');
});
