import {
  type AnyReward,
  createRuntime,
  type MeasuredReward,
  type Reward,
  type Runtime,
  type Tensor1D,
  tf,
  type WeightedReward,
} from '@draft/core';
import ddpm from '@draft/sampler-ddpm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToyModel } from '../../core/test/support/toy-model.js';
import { drawLatents } from '../src/run/draw-latents.js';
import { createJudge } from '../src/run/judge.js';
import { createPictureMaker } from '../src/run/picture-maker.js';
import { bestOf } from '../src/strategies/best-of.js';
import { latent, normaliseNoise } from '../src/strategies/latent.js';
import { createPlain } from '../src/strategies/plain.js';
import { fillTemplate, promptTemplate } from '../src/strategies/prompt-template.js';
import type { Drawing, DrawingTools, DrawnPictures } from '../src/strategies/strategy.js';

const near: Reward = {
  differentiable: true,
  perSample: true,
  score: (images) => tf.neg(tf.mean(tf.square(tf.sub(images, 0.8)), [1, 2, 3])) as Tensor1D,
  dispose: () => {},
};

/** What a reward without gradient is told, and by which it judges. */
const asked: string[] = [];
const bright: MeasuredReward = {
  differentiable: false,
  perSample: true,
  measure: async (pictures, { prompts }) => {
    asked.push(...prompts);
    return pictures.map(({ data }) => data.reduce((sum, value) => sum + value, 0));
  },
  dispose: () => {},
};

const subjects = [
  { prompt: 'fox', seed: 3 },
  { prompt: 'a bee', seed: 4 },
];

describe('strategies', () => {
  let runtime: Runtime;
  let model: ReturnType<typeof createToyModel>;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'cpu' });
    // Pictures inside [0, 1], where the reward's gradient leads upwards.
    model = { ...createToyModel(), decode: (latents) => tf.sigmoid(tf.mul(latents, 0.05)) };
  });
  afterAll(() => model.dispose());

  /** Draws the two subjects with a sampler that adds noise. */
  const draw = async (create: (tools: DrawingTools) => Drawing, reward: AnyReward = near) => {
    const before = tf.memory().numTensors;
    const rewards: WeightedReward<AnyReward>[] = [{ name: 'near', reward, weight: 2 }];
    const table = ddpm.create({}).table(3, model.schedule);
    const chain = { runtime, model, table, guidance: 2, adapters: new Map() };
    const maker = createPictureMaker({ ...chain, height: 4, width: 4 });
    const judge = createJudge(runtime, rewards);
    const drawing = create({ chain, maker, judge, rewards, count: subjects.length });
    const noise = drawLatents(3, subjects.length, [4, 4, 3]);
    const shares: number[] = [];
    const progress = (share: number) => shares.push(share);
    const drawn = await drawing.draw({ noise, subjects, adapters: new Map(), progress });
    expect(drawn.images.shape).toEqual([2, 4, 4, 3]);
    expect(drawn.latents.shape).toEqual([2, 4, 4, 3]);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1);
    const images = [0, 1].map((i) => Array.from(tf.slice(drawn.images, i, 1).dataSync()));
    tf.dispose([drawn.images, drawn.latents, noise]);
    drawing.dispose();
    judge.dispose();
    maker.dispose();
    // The slices above.
    expect(tf.memory().numTensors - before).toBe(2);
    return { ...drawn, images };
  };

  const rewardsOf = ({ judgements }: Pick<DrawnPictures, 'judgements'>) =>
    judgements.map(({ reward }) => reward);

  it('best-of takes no worse picture than the one that is drawn without, and the best of all', async () => {
    const single = await draw(createPlain);
    const one = await draw((tools) => bestOf.create({ n: 1 }, tools));
    expect(one.images).toEqual(single.images);
    expect(rewardsOf(one)).toEqual(rewardsOf(single));
    const best = await draw((tools) => bestOf.create({ n: 5 }, tools));
    for (const [i, { candidate, seed, candidateRewards }] of best.notes.entries()) {
      const rewards = candidateRewards as readonly number[];
      expect(rewards).toHaveLength(5);
      expect(rewards[0]).toBe(rewardsOf(single)[i]);
      expect(rewardsOf(best)[i]).toBe(Math.max(...rewards));
      expect(rewards[candidate as number]).toBe(rewardsOf(best)[i]);
      expect(seed).toBe(3 + i + 2 * (candidate as number));
    }
    expect(Math.max(...best.notes.map(({ candidate }) => candidate as number))).toBeGreaterThan(0);
  });

  it('best-of finds the picture again by its seed', async () => {
    const best = await draw((tools) => bestOf.create({ n: 5 }, tools));
    const chosen = best.notes.findIndex(({ candidate }) => candidate !== 0);
    const again = await draw(({ maker, judge }) => ({
      draw: async ({ adapters, progress }) => {
        const seeds = subjects.map((subject, i) => ({ ...subject, seed: best.notes[i]?.seed as number }));
        const made = await maker.make(seeds, adapters, progress);
        return { ...made, judgements: (await judge?.score(made.images, subjects)) ?? [], notes: [] };
      },
      dispose: () => {},
    }));
    expect(again.images[chosen]).toEqual(best.images[chosen]);
  });

  it('best-of also takes rewards without a gradient', async () => {
    const best = await draw((tools) => bestOf.create({ n: 3 }, tools), bright);
    for (const [i, { candidateRewards }] of best.notes.entries()) {
      expect(rewardsOf(best)[i]).toBe(Math.max(...(candidateRewards as readonly number[])));
    }
  });

  it('latent raises the reward with its updates, the same way each time', async () => {
    const optimise = () => draw((tools) => latent.create({ iterations: 8, learningRate: 0.02 }, tools));
    const single = await draw(createPlain);
    const first = await optimise();
    for (const [i, { updates, rewardHistory }] of first.notes.entries()) {
      const history = rewardHistory as readonly number[];
      expect(history).toHaveLength(9);
      // The same picture through another graph.
      expect(history[0]).toBeCloseTo(rewardsOf(single)[i]!, 5);
      // So small updates each lead up.
      expect(history).toEqual(history.toSorted((a, b) => a - b));
      expect(history[8]).toBeGreaterThan(history[0]!);
      expect(updates).toBe(8);
      expect(rewardsOf(first)[i]).toBe(history[8]);
    }
    const second = await optimise();
    expect(second.images).toEqual(first.images);
    expect(second.notes).toEqual(first.notes);
  });

  it('latent keeps the best picture where an update leads too far', async () => {
    const { notes, judgements } = await draw((tools) =>
      latent.create({ iterations: 3, learningRate: 50 }, tools),
    );
    for (const [i, { updates, rewardHistory }] of notes.entries()) {
      const history = rewardHistory as readonly number[];
      expect(judgements[i]?.reward).toBe(Math.max(...history));
      expect(history[updates as number]).toBe(Math.max(...history));
    }
  });

  it('latent puts each noise to the norm √d', () => {
    const noise = tf.tensor4d([3, 4, 0, 0, 30, 40, 0, 0], [2, 2, 2, 1]);
    const normalised = normaliseNoise(noise);
    expect(Array.from(normalised.dataSync())).toEqual(
      [0.6, 0.8, 0, 0, 0.6, 0.8, 0, 0]
        .map((value) => Math.fround(2 * value))
        .map((x) => expect.closeTo(x, 6)),
    );
    tf.dispose([noise, normalised]);
  });

  it('prompt-template draws the template and judges by the prompt', async () => {
    expect(fillTemplate('{} and {}, $&', '$1')).toBe('$1 and $1, $&');
    asked.length = 0;
    const styled = await draw((tools) => promptTemplate.create({ template: 'oil of {}' }, tools), bright);
    expect(asked).toEqual(['fox', 'a bee']);
    expect(styled.notes).toEqual([{ drawnPrompt: 'oil of fox' }, { drawnPrompt: 'oil of a bee' }]);
    const plain = await draw(createPlain, bright);
    expect(styled.images).not.toEqual(plain.images);
    const same = await draw((tools) => promptTemplate.create({ template: '{}' }, tools), bright);
    expect(same.images).toEqual(plain.images);
  });
});
