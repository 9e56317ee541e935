import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJsonLines, readSafetensors } from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneSentence, runDraft, runDraftHere } from './draft-process.js';

const tiny = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);

let folder = '';
const draft = (...args: string[]) => runDraft(folder, args);
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

/** As little as there can be to compute. */
const quick = [
  ...['--model', tiny, '--steps', '2', '--guidance', '1', '--batch', '1'],
  ...['--prompts', 'a fox', '--sampler', 'ddim'],
];
const quickTraining = [
  ...quick,
  '--reward',
  'symmetry',
  '--iterations',
  '2',
  '--evaluate',
  '1',
  '--rank',
  '2',
];

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-train-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('draft train', () => {
  it('leaves a run whose LoRA draft generate takes', () => {
    const run = draft(
      'train',
      ...quickTraining,
      '--held-out',
      'a bee',
      '--output',
      'run',
      '--sample-every',
      '1',
    );
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout.trim().split('\n').at(-1)).toBe('run: run');
    expect(run.stdout).toMatch(/^iteration 2\/2, reward -1\.\d+, mean -1\.\d+ .*MB$/m);
    const inRun = (...names: string[]) => join(folder, 'run', ...names);
    expect(readJsonLines(inRun('metrics.jsonl'))).toMatchObject([
      { iteration: 1, rewardQueries: 1, learningRate: 4e-4 },
      { iteration: 2, rewardQueries: 2 },
    ]);
    for (const name of ['before-after.png', 'curve.svg', 'report.html', 'samples/000001.png']) {
      expect(existsSync(inRun(name))).toBe(true);
    }
    const summary = JSON.parse(readFileSync(inRun('summary.json'), 'utf8'));
    expect(summary.before.reward).toBeLessThan(0);
    expect(summary.after.heldOut.reward).toBeLessThan(0);
    const config = JSON.parse(readFileSync(inRun('config.json'), 'utf8'));
    expect(config).toMatchObject({ options: { seed: 0, rank: 2 }, prompts: ['a fox'], heldOut: ['a bee'] });
    expect(config.versions['reward symmetry']).toMatch(/^@draft\/reward-symmetry@/);
    expect([...readSafetensors(inRun('lora.safetensors')).tensors.keys()][0]).toMatch(
      /^unet\..*\.lora_A\.weight$/,
    );
    const kohya = readSafetensors(inRun('lora.kohya.safetensors'));
    expect(kohya.metadata).toMatchObject({ ss_base_model_version: 'sd_v1', ss_network_dim: '2' });
    expect([...kohya.tensors.keys()].every((name) => name.startsWith('lora_unet_'))).toBe(true);

    const again = draft('train', ...quickTraining, '--output', 'run');
    expect(again.status).toBe(1);
    expect(again.stderr).toBe(
      'error: run already holds a run: continue it with --resume run, or choose another --output.\n',
    );

    const pictures = draft(
      'generate',
      ...quick,
      '--lora',
      'run/lora.safetensors:0.5',
      '--output',
      'new',
      '--save-tensors',
    );
    expect(pictures.stderr).toBe('');
    expect(pictures.stdout).toMatch(/pictures: new\n$/);
    const { tensors } = readSafetensors(join(folder, 'new/tensors.safetensors'));
    expect(tensors.get('images')?.shape.slice(0, 2)).toEqual([1, 3]);
    expect(tensors.get('latents')?.shape.slice(0, 2)).toEqual([1, 4]);
    expect(existsSync(join(folder, 'new/0000.png'))).toBe(true);
    // What came out may go in as noise: the shapes agree.
    const latents = draft('generate', ...quick, '--latents', 'new/tensors.safetensors', '--output', 'newer');
    expect(latents.status).toBe(0);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['no reward', [], /^error: --reward NAME\[:WEIGHT\] is missing/],
    ['an unknown reward', ['--reward', 'symetry'], /did you mean "symmetry" \(@draft\/reward-symmetry \d/],
    ['an unknown flag', ['--itertions', '3'], /Unknown option '--itertions': did you mean --iterations\?/],
    [
      'a mistyped number',
      ['--reward', 'symmetry', '--steps', 'many'],
      /--steps takes a number \(given: "many"\)/,
    ],
    ['an unknown algorithm', ['--reward', 'symmetry', '--algorithm', 'drtun'], /did you mean "drtune"/],
    [
      'an unknown option of it',
      ['--reward', 'symmetry', '--set', 'kk=1'],
      /no option "kk": did you mean "k"\?/,
    ],
    [
      'an impossible plan',
      ['--reward', 'symmetry', '--set', 'k=9'],
      /option k of drtune is 9, but there are only 2/,
    ],
    [
      'an early stop that leaves nothing to sample',
      ['--reward', 'symmetry', '--algorithm', 'draft', '--early-stop', '2'],
      /^error: --early-stop is 2, but a chain of 2 sampling steps can end early at step 1 only/,
    ],
    [
      'a modifier of plans for an algorithm without them',
      ['--reward', 'symmetry', '--algorithm', './blind.mjs', '--stop-gradient'],
      /^error: --stop-gradient changes which sampling steps learn, but blind does not/,
    ],
    [
      'a penalty on trained steps for an algorithm without them',
      ['--reward', 'symmetry', '--algorithm', './blind.mjs', '--base-penalty', '1'],
      /^error: --base-penalty holds the sampling steps that learn to the base model, but blind does not/,
    ],
    [
      'an algorithm whose plan trains nothing',
      ['--reward', 'symmetry', '--algorithm', './idle.mjs'],
      /^error: The algorithm idle draws a plan that cannot be executed\. It trains no step\./,
    ],
    [
      'no such folder',
      ['--reward', 'symmetry', '--model', './nowhere'],
      /There is no model folder \.\/nowhere/,
    ],
    ['no such checkpoint', ['--reward', 'symmetry', '--model', 'minature'], /did you mean "miniature"/],
    [
      'a folder without a model',
      ['--reward', 'symmetry', '--model', '.'],
      /is no model that an installed package can load/,
    ],
    [
      'no such prompts',
      ['--reward', 'symmetry', '--prompts', 'none.txt'],
      /none\.txt cannot be read: there is no such file/,
    ],
    [
      'a file where the run should go',
      ['--reward', 'symmetry', '--output', 'bad.yaml'],
      /bad\.yaml is a file, not a folder: choose another --output/,
    ],
    [
      'a folder inside a file where the run should go',
      ['--reward', 'symmetry', '--output', 'bad.yaml/run'],
      /bad\.yaml\/run cannot be written: a part of its path is a file/,
    ],
    ['nothing to resume', ['--resume', 'nothing'], /nothing holds no run that could be continued/],
    [
      'an impossible size',
      ['--reward', 'symmetry', '--size', '33'],
      /must be a multiple of 2 pixels for this model, not 33/,
    ],
    [
      'a config with a mistake',
      ['--config', 'bad.yaml'],
      /bad\.yaml:2:1: There is no option "learningrate": did you mean "learningRate"\?/,
    ],
    ['a broken config', ['--config', 'broken.yaml'], /broken\.yaml:2:1: /],
  ])('refuses %s in one sentence', async (_, args, message) => {
    write('bad.yaml', 'reward: symmetry\nlearningrate: 3\n');
    write('broken.yaml', 'reward: [symmetry\n');
    const algorithm = (name: string, create: string) =>
      write(
        `${name}.mjs`,
        `export default {
  specVersion: 1, kind: 'algorithm', name: '${name}', description: 'A test.',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  create: () => ({ validate() {}, ${create} }),
};`,
      );
    algorithm(
      'idle',
      'plan: ({ steps }) => ({ steps, train: [], stop: 0, detachInput: false, cutState: null, copies: 0 })',
    );
    algorithm('blind', 'differentiatesRewards: false, createEstimator() {}');
    const given = ['train', ...(args.includes('--resume') ? [] : quick), ...args];
    const { status, stderr } = await runDraftHere(folder, given);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  it('refuses damaged weights in one sentence, and leaves no run', () => {
    cpSync(tiny, join(folder, 'damaged'), { recursive: true });
    const weights = join(folder, 'damaged/unet/diffusion_pytorch_model.safetensors');
    writeFileSync(weights, readFileSync(weights).subarray(0, 2000));
    const { status, stderr } = draft('train', ...quickTraining, '--model', './damaged', '--output', 'none');
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain('diffusion_pytorch_model.safetensors');
    expect(status).toBe(1);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  }, 240_000);

  it('stops at a reward that is no number, and keeps what was reached', () => {
    mkdirSync(join(folder, 'spoilt'));
    write(
      'spoilt/reward.mjs',
      `let calls = 0;
export default {
  specVersion: 1, kind: 'reward', name: 'spoilt', description: 'Fails in the second iteration.',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  create: (options, { runtime }) => ({
    differentiable: true, perSample: true, dispose() {},
    // The first call judges the pictures before training, the second trains.
    score: (images) => { calls += 1; return images.mean([1, 2, 3]).div(calls > 2 ? 0 : 1).mul(calls > 2 ? 0 : 1); },
  }),
};`,
    );
    const { status, stderr } = draft(
      ...['train', ...quick, '--reward', './spoilt/reward.mjs', '--iterations', '3', '--evaluate', '1'],
      ...['--output', 'stopped', '--sample-every', '0'],
    );
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(/reward spoilt became NaN in iteration 2/);
    expect(status).toBe(1);
    expect(readJsonLines(join(folder, 'stopped/metrics.jsonl'))).toHaveLength(1);
    expect(existsSync(join(folder, 'stopped/checkpoints/000001/state.json'))).toBe(true);
  });
});
