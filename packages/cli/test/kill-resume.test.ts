import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const tool = fileURLToPath(new URL('../../../tools/kill-resume.mjs', import.meta.url));

describe('a run that is killed', () => {
  // Seven processes, one after the other; `tools/kill-resume.mjs` alone kills twenty.
  it('ends as if it had not been, to the byte', { timeout: 900_000 }, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [tool, '--kills', '3', '--seed', '5'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^3 kills, 0 different$/m);
    expect(status).toBe(0);
  });
});
