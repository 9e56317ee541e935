import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'draft-lpips-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Summary {
  readonly before: { readonly reward: number };
  readonly after: { readonly reward: number };
}

it('a run on the miniature raises the distance that a narrow AlexNet sees', { timeout: 600_000 }, () => {
  const output = join(folder, 'run');
  const settings = [
    ['--reward', 'diversity', '--reward-set', 'diversity.distance=lpips'],
    ['--reward-set', `diversity.backbone=${path('fixtures/alex-backbone.pth')}`],
    ['--reward-set', `diversity.heads=${path('fixtures/alex-heads.pth')}`],
    ['--prompts', 'cat', '--prompts', 'dog', '--prompts', 'fox', '--prompts', 'frog'],
    ['--algorithm', 'draft', '--set', 'k=1', '--iterations', '12'],
    ['--steps', '5', '--batch', '4', '--evaluate', '4'],
    ['--guard', 'off', '--sample-every', '0', '--output', output],
  ].flat();
  const { status, stderr } = spawnSync(
    process.execPath,
    [path('../../../tools/draft.mjs'), 'train', ...settings],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, DRAFT_BACKEND: 'tensorflow' } },
  );
  expect(status, stderr).toBe(0);
  const { before, after } = JSON.parse(readFileSync(join(output, 'summary.json'), 'utf8')) as Summary;
  // With the same noise. It rose by four fifths; prompts that were not trained on changed little.
  expect(after.reward).toBeGreaterThan(1.3 * before.reward);
});
