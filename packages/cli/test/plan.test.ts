import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMemory } from '../src/config/parse-memory.js';
import { availableMemory, macRoom } from '../src/plan/available-memory.js';
import { type Candidate, type Choice, chooseSettings } from '../src/plan/choose-settings.js';
import { planReportSchema } from '../src/plan/plan-report.js';
import type { Settings } from '../src/plan/with-settings.js';
import { oneSentence, runDraftHere } from './draft-process.js';

const tool = fileURLToPath(new URL('../../../tools/draft.mjs', import.meta.url));
const tiny = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);

describe('--memory', () => {
  it.each([
    ['12GB', 12e9],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['900mb', 900e6],
    ['off', 'off'],
    [undefined, undefined],
  ])('%s', (text, bytes) => {
    expect(parseMemory(text)).toBe(bytes);
  });

  it.each(['', '12', 'GB', '0GB', '-3GB', '12 kB', '1e9GB', 'all'])('is not %j', (text) => {
    expect(() => parseMemory(text)).toThrow(/^--memory takes a size with its unit/);
  });

  it('is by default what this process holds and could get', () => {
    const available = availableMemory();
    expect(available).toBeGreaterThan(process.memoryUsage().rss);
    expect(available).toBeLessThan(2 ** 50);
  });
});

describe('what macOS can give', () => {
  const text = [
    'Mach Virtual Memory Statistics: (page size of 16384 bytes)',
    'Pages free:                                5000.',
    'Pages active:                            300000.',
    'Pages inactive:                          200000.',
    'Pages speculative:                         1000.',
    'Pages wired down:                        100000.',
  ].join('\n');

  it('is what is free and what is only kept', () => expect(macRoom(text)).toBe(206_000 * 16384));
  it('is not known from something else', () => expect(macRoom('vm_stat: not found')).toBeUndefined());
});

describe('the choice of settings', () => {
  const choice: Choice = {
    budgetBytes: 10e9,
    stated: true,
    choose: true,
    batch: 8,
    microBatch: undefined,
    savings: [{ checkpointing: 'blocks' }, { checkpointing: 'blocks', vaeTiles: 256 }],
    dtype: 'float32',
    size: { height: 512, width: 512 },
  };

  /** Memory as a network has it: weights, and so much for each pixel of what is computed at once. */
  const needs = ({ microBatch = 8, modelSet = {}, dtype, size = '512' }: Settings): number => {
    const weights = dtype === 'bfloat16' ? 2e9 : 4e9;
    const picture = (4e9 * Number(size) ** 2) / 512 ** 2;
    const kept = modelSet.vaeTiles ? 0.5 : modelSet.checkpointing ? 0.75 : 1;
    return weights + microBatch * picture * kept;
  };
  const plan = async (changes: Partial<Choice>) => {
    const attempts: Settings[] = [];
    const attempt = async (settings: Settings): Promise<Candidate> => {
      attempts.push(settings);
      const fixed = changes.microBatch === undefined ? {} : { microBatch: changes.microBatch };
      return { settings, peakBytes: needs({ ...fixed, ...settings }) };
    };
    const asConfigured = await attempt({});
    const chosen = chooseSettings(asConfigured, attempt, { ...choice, ...changes });
    const { settings } = await chosen;
    return { settings, attempts };
  };

  it('leaves a run that fits as it is', async () => {
    const { settings, attempts } = await plan({ budgetBytes: 40e9 });
    expect(settings).toEqual({});
    expect(attempts).toHaveLength(1);
  });

  it('takes the largest micro-batch that fits, and looks at few', async () => {
    const { settings, attempts } = await plan({ budgetBytes: 21e9 });
    expect(settings).toEqual({ microBatch: 4 });
    expect(needs({ microBatch: 5 })).toBeGreaterThan(21e9);
    expect(attempts).toHaveLength(3);
  });

  it('then takes what the model offers, mildest first', async () => {
    expect((await plan({ budgetBytes: 7.5e9 })).settings).toEqual({
      microBatch: 1,
      modelSet: { checkpointing: 'blocks' },
    });
    expect((await plan({ budgetBytes: 6.5e9 })).settings).toEqual({
      microBatch: 1,
      modelSet: { checkpointing: 'blocks', vaeTiles: 256 },
    });
  });

  it('keeps a micro-batch that the user has set', async () => {
    expect((await plan({ budgetBytes: 11e9, microBatch: 2 })).settings).toEqual({
      modelSet: { checkpointing: 'blocks' },
    });
  });

  it.each<[string, Partial<Choice>, string]>([
    [
      'narrower weights',
      { budgetBytes: 5e9 },
      'with --dtype bfloat16 --micro-batch 1 --model-set checkpointing=blocks --model-set vaeTiles=256 it needs 4.0 GB',
    ],
    [
      'smaller pictures',
      { budgetBytes: 3e9 },
      'with --dtype bfloat16 --size 256 --micro-batch 1 --model-set checkpointing=blocks --model-set vaeTiles=256 it needs 2.5 GB',
    ],
    [
      'the least of all',
      { budgetBytes: 1e9 },
      'even --dtype bfloat16 --size 128 --micro-batch 1 --model-set checkpointing=blocks --model-set vaeTiles=256 needs 2.1 GB',
    ],
    ['a budget for a run that is continued', { choose: false }, '--memory 36GB would do'],
  ])('names %s where nothing fits', async (_, changes, advice) => {
    await expect(plan(changes)).rejects.toMatchObject({
      code: 'DRAFT_MEMORY',
      message: expect.stringContaining(`: ${advice}; --memory off starts it all the same.`),
    });
  });

  it('names a setting that fits when the run is planned again with it', async () => {
    const settings: Settings = {
      dtype: 'bfloat16',
      size: '256',
      microBatch: 1,
      modelSet: { checkpointing: 'blocks', vaeTiles: 256 },
    };
    expect(needs(settings)).toBeLessThanOrEqual(3e9);
  });
});

describe('draft plan', () => {
  let folder = '';
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-plan-')));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = [
    ...['--model', tiny, '--reward', 'symmetry', '--prompts', 'a fox', '--steps', '2', '--rank', '2'],
    ...['--iterations', '2', '--evaluate', '1', '--guard', 'off', '--sample-every', '0'],
  ];
  const draft = (...args: string[]) =>
    spawnSync(process.execPath, [tool, ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, DRAFT_BACKEND: 'tensorflow', DRAFT_STRICT_GRAPHS: '1' },
    });

  it('says in JSON what the run takes, for an algorithm that draws plans and for one of its own', () => {
    const reports = [
      draft('plan', '--json', ...run, '--batch', '2'),
      draft('plan', '--json', ...run, '--batch', '2', '--algorithm', 'ddpo', '--sampler', 'ddpm'),
    ].map(({ status, stdout, stderr }) => {
      expect(status, stderr).toBe(0);
      return planReportSchema.parse(JSON.parse(stdout));
    });
    for (const { memory, peakBytes, secondsAnIteration, secondsInAll, parts, chosen, size } of reports) {
      expect(chosen).toEqual({ keepSteps: 2 });
      expect(memory.program + memory.weights + memory.computation).toBeCloseTo(peakBytes, -1);
      expect(secondsAnIteration).toBeGreaterThan(0);
      expect(secondsInAll).toBeGreaterThan(secondsAnIteration);
      const called = parts.map(({ name }) => name);
      expect(called).toContain('optimiser');
      // What functions are called within core tells a user nothing.
      expect(called.filter((name) => /^(kept|step|final)-|denoise/.test(name))).toEqual([]);
      expect(size.height).toBe(size.width);
    }
    const [plans] = reports;
    const names = plans?.parts.map(({ name }) => name);
    expect(names).toContain('last step, decoding and reward');
  }, 240_000);

  it('refuses, as draft train does, what cannot fit, before anything is loaded', () => {
    for (const command of ['plan', 'train']) {
      const { status, stderr, stdout } = draft(command, ...run, '--batch', '1', '--memory', '50MB');
      expect(status).toBe(1);
      expect(stderr).toMatch(oneSentence);
      expect(stderr).toMatch(/^error: This run needs about \d+ MB .* more than the 50 MB of --memory: /);
      expect(stdout).not.toContain('loading');
    }
  }, 240_000);

  it('says so where a back end does not tell', async () => {
    const { status, stderr } = await runDraftHere(folder, ['plan', ...run]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot be told before it starts: the back end wasm does not tell/);
  });

  it('refuses a size without a unit', async () => {
    const { status, stderr } = await runDraftHere(folder, ['plan', ...run, '--memory', '12']);
    expect(status).toBe(1);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain('12GB or 900MiB');
  });
});
