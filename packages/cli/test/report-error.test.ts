import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runDraftHere } from './draft-process.js';

afterEach(() => vi.unstubAllEnvs());

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe('weights that do not fit', () => {
  const args = [
    ...[
      'score',
      '--reward',
      'clipscore',
      '--images',
      path('../../miniature/samples.png'),
      '--prompts',
      'a fox',
    ],
    ...[
      '--reward-set',
      `clipscore.checkpoint=${path('../../core/test/fixtures/torch-files/state.safetensors')}`,
    ],
  ];

  it('are told in one sentence, and listed whole with DRAFT_DEBUG=1', async () => {
    const short = await runDraftHere(process.cwd(), args);
    expect(short.status).toBe(1);
    expect(short.stderr).toMatch(/^starting .*\nerror: [^\n]+\n$/);
    const [, missing, unknown] =
      /: (\d+) weights are missing \(.* and \d+ more\); (\d+) are unknown \(.*\); with DRAFT_DEBUG=1, draft lists/.exec(
        short.stderr,
      ) ?? [];
    vi.stubEnv('DRAFT_DEBUG', '1');
    const long = (await runDraftHere(process.cwd(), args)).stderr.split('\n');
    expect(long.slice(0, 2)).toEqual(short.stderr.trim().split('\n'));
    const lines = (kind: string) => long.filter((line) => line.startsWith(`${kind}: `));
    expect(lines('missing')).toHaveLength(Number(missing));
    expect(lines('missing')).toContain('missing: text_model.encoder.layers.11.mlp.fc2.bias');
    expect(lines('unknown')).toHaveLength(Number(unknown));
    expect(lines('unknown')).toContain('unknown: half.permuted');
    expect(long).toContainEqual(expect.stringMatching(/^DRAFT_MODEL_MISMATCH: /));
  });
});
