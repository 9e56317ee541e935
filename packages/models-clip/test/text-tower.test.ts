import { openSafetensors, type Tensor2D, tf, type Weights } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTextTower, parseTextConfig } from '../src/index.js';
import { difference } from './support/difference.js';
import { fileWeights } from './support/file-weights.js';
import { fixture, jsonFixture } from './support/fixture.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function reference(name: string) {
  const file = openSafetensors(fixture(`${name}/reference.safetensors`));
  const shape = file.entries.get('input_ids')!.shape as [number, number];
  const ids = tf.tensor2d(new Int32Array(file.read('input_ids').buffer), shape, 'int32');
  const floats = (key: string) => new Float32Array(file.read(key).buffer);
  return { ids, states: floats('last_hidden_state'), pooled: floats('pooled') };
}

describe.each(['text-quick-gelu', 'text-gelu'])('the tower %s', (name) => {
  const config = parseTextConfig(jsonFixture(`${name}/config.json`));
  const path = fixture(`${name}/model.safetensors`);

  it("gives transformers' states and pooled state", async () => {
    const { ids, states, pooled } = reference(name);
    const tower = createTextTower(config, fileWeights(path));
    const held = tf.memory().numTensors;
    const results = tf.tidy(() => {
      const hidden = tower.hiddenStates(ids);
      return { hidden, pooled: tower.pooled(ids, hidden) };
    });
    expect(tf.memory().numTensors).toBe(held + 2);
    // Both sides sum in float32, in another order.
    expect(await difference(results.hidden, states)).toBeLessThan(1e-5);
    expect(await difference(results.pooled, pooled)).toBeLessThan(1e-5);
  });

  it('takes weights without the prefix', () => {
    const weights = fileWeights(path);
    const bare: Weights = {
      has: (key) => weights.has(`text_model.${key}`),
      get: (key, shape, layout) => weights.get(`text_model.${key}`, shape, layout),
    };
    const { ids } = reference(name);
    const [a, b] = [weights, bare].map((source) =>
      createTextTower(config, source).hiddenStates(ids).dataSync(),
    );
    expect(a).toEqual(b);
  });

  it('reads from left to right: a token changes no state before its own', () => {
    const tower = createTextTower(config, fileWeights(path));
    const row = [608, 320, 563, 321, 322, 609];
    const states = (ids: readonly number[]) =>
      tower.hiddenStates(tf.tensor2d([...ids], [1, ids.length], 'int32') as Tensor2D).arraySync()[0]!;
    const [before, after] = [states(row), states(row.with(3, 400))];
    expect(before.slice(0, 3)).toEqual(after.slice(0, 3));
    expect(before[3]).not.toEqual(after[3]);
    expect(before[5]).not.toEqual(after[5]);
  });
});

it('more tokens than positions are refused', () => {
  const config = parseTextConfig(jsonFixture('text-gelu/config.json'));
  const tower = createTextTower(config, fileWeights(fixture('text-gelu/model.safetensors')));
  expect(() => tower.hiddenStates(tf.zeros([1, 78], 'int32'))).toThrow(
    /77 positions, fewer than the 78 tokens/,
  );
});

describe('the configuration', () => {
  it('takes the defaults of transformers', () => {
    expect(parseTextConfig({})).toEqual({
      vocabularySize: 49408,
      width: 512,
      innerWidth: 2048,
      layers: 12,
      heads: 8,
      positions: 77,
      activation: 'quick_gelu',
      epsilon: 1e-5,
      endToken: 49407,
      projectionWidth: 512,
    });
  });

  it('pools at the highest id where the end token is the 2 of old files', () => {
    expect(parseTextConfig({ eos_token_id: 2 }).endToken).toBeNull();
  });

  it.each([
    [[], 'DRAFT_CONFIG_INVALID', /no JSON object/],
    [{ hidden_size: 0 }, 'DRAFT_CONFIG_INVALID', /"hidden_size": 0/],
    [{ hidden_size: 10, num_attention_heads: 3 }, 'DRAFT_CONFIG_INVALID', /must divide the hidden_size 10/],
    [{ layer_norm_eps: '1e-5' }, 'DRAFT_CONFIG_INVALID', /"layer_norm_eps": "1e-5"/],
    [{ eos_token_id: [1, 2] }, 'DRAFT_CONFIG_INVALID', /"eos_token_id": \[1,2\]/],
    [{ hidden_act: 'relu' }, 'DRAFT_CONFIG_UNSUPPORTED', /only "quick_gelu" and "gelu"/],
    [{ model_type: 't5' }, 'DRAFT_CONFIG_UNSUPPORTED', /"model_type": "t5"/],
    [{ use_attention_mask: true }, 'DRAFT_CONFIG_UNSUPPORTED', /use_attention_mask/],
  ])('%j is refused in one sentence', (json, code, message) => {
    expect(() => parseTextConfig(json)).toThrow(message);
    expect(() => parseTextConfig(json)).toThrow(expect.objectContaining({ code }));
  });
});
