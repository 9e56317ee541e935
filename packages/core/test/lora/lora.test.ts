import {
  adapterTensors,
  combineAdapters,
  countParameters,
  createLora,
  createRandomSource,
  disposeAdapters,
  scaleAdapters,
  selectLoraLayers,
  tf,
} from '@draft/core';
import { describe, expect, it } from 'vitest';
import { stableDiffusionLayers } from './stable-diffusion-layers.js';

const layers = selectLoraLayers(stableDiffusionLayers(64, 48), ['cross-attention']);
const make = (options: { rank?: number; alpha?: number; seed?: number } = {}) => {
  const { rank = 4, alpha, seed = 1 } = options;
  return createLora(layers, { rank, alpha, random: createRandomSource(seed) });
};

describe('createLora', () => {
  it('makes two float32 factors for every layer, which change nothing yet', () => {
    const lora = make();
    expect([...lora.keys()]).toEqual(layers.map(({ name }) => name));
    for (const { name, inFeatures, outFeatures } of layers) {
      const [adapter, ...others] = lora.get(name)!;
      expect(others).toEqual([]);
      expect(adapter!.down.shape).toEqual([4, inFeatures]);
      expect(adapter!.up.shape).toEqual([outFeatures, 4]);
      expect(adapter!.down.dtype).toBe('float32');
      expect(adapter!.up.dataSync().every((value) => value === 0)).toBe(true);
      expect(adapter!.scale).toBe(1);
    }
    expect(countParameters(lora)).toBe(
      layers.reduce((sum, l) => sum + 4 * (l.inFeatures + l.outFeatures), 0),
    );
    disposeAdapters(lora);
  });

  it('starts uniformly in ±1/√in, as PEFT does', () => {
    const lora = make({ rank: 16 });
    for (const width of [48, 64]) {
      const values = layers
        .filter(({ inFeatures }) => inFeatures === width)
        .flatMap(({ name }) => [...lora.get(name)![0]!.down.dataSync()]);
      const bound = 1 / Math.sqrt(width);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
      const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
      // A uniform variable has the variance bound²/3; some 24,000 draws estimate it to a percent.
      expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
    }
    disposeAdapters(lora);
  });

  it('scales by alpha / rank', () => {
    const lora = make({ rank: 8, alpha: 2 });
    expect([...lora.values()].every(([adapter]) => adapter!.scale === 0.25)).toBe(true);
    disposeAdapters(lora);
  });

  it('gives the same start for the same seed, per layer', () => {
    const [one, same, other] = [make(), make(), make({ seed: 2 })];
    const few = createLora(layers.slice(3, 5), { rank: 4, random: createRandomSource(1) });
    const name = layers[3]!.name;
    const start = (lora: typeof one) => [...lora.get(name)![0]!.down.dataSync()];
    expect(start(same)).toEqual(start(one));
    expect(start(few)).toEqual(start(one));
    expect(start(other)).not.toEqual(start(one));
    expect([...one.get(layers[0]!.name)![0]!.down.dataSync()]).not.toEqual(start(one));
    for (const lora of [one, same, other, few]) disposeAdapters(lora);
  });

  // The widest of these layers maps 64 to 64 features.
  it.each([0, -1, 2.5, Number.NaN, 65, 1e9])('refuses the rank %s', (rank) => {
    expect(() => make({ rank })).toThrow(
      `The rank of a LoRA for these layers must be an integer from 1 to 64, their largest full rank, not ${rank}; 4 to 64 is usual.`,
    );
  });

  it.each([0, -1, Number.NaN])('refuses the alpha %s', (alpha) => {
    expect(() => make({ alpha })).toThrow(`The alpha of a LoRA must be a positive number, not ${alpha}.`);
  });
});

describe('adapters', () => {
  it('are combined by layer and scaled without copies, and are freed at once', () => {
    const before = tf.memory().numTensors;
    const [first, second] = [make(), make({ seed: 2 })];
    const both = combineAdapters(scaleAdapters(first, 0.5), second);
    const name = layers[0]!.name;
    expect(both.get(name)!.map(({ scale }) => scale)).toEqual([0.5, 1]);
    expect(both.get(name)![0]!.down).toBe(first.get(name)![0]!.down);
    expect(adapterTensors(both)).toHaveLength(4 * layers.length);
    disposeAdapters(both);
    expect(tf.memory().numTensors).toBe(before);
  });
});
