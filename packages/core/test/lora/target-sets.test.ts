import { DraftError, defaultLoraTargets, loraTargetSets, selectLoraLayers } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { stableDiffusionLayers } from './stable-diffusion-layers.js';

const layers = stableDiffusionLayers();
const count = (...targets: string[]) => selectLoraLayers(layers, targets).length;

const messageOf = (...targets: string[]) => {
  try {
    selectLoraLayers(layers, targets);
  } catch (error) {
    expect(DraftError.is(error) && error.code).toBe('DRAFT_LORA_TARGETS');
    return (error as Error).message;
  }
  return expect.unreachable();
};

describe('selectLoraLayers', () => {
  // 16 transformers: 8 attention projections, 2 feed-forward layers and 2 convolutions each.
  it.each([
    ['attention', 128],
    ['self-attention', 64],
    ['cross-attention', 64],
    ['feed-forward', 32],
    ['all-linear', 192],
  ])('knows %s: %i layers of Stable Diffusion 1.x', (name, expected) => {
    expect(loraTargetSets).toContain(name);
    expect(count(name)).toBe(expected);
  });

  it('adapts the attention where nothing is said', () => {
    expect(selectLoraLayers(layers)).toEqual(selectLoraLayers(layers, ['attention']));
    expect(defaultLoraTargets).toEqual(['attention']);
  });

  it('joins several targets in the model’s order, each layer once', () => {
    expect(count('cross-attention', 'feed-forward')).toBe(96);
    expect(count('attention', 'cross-attention')).toBe(128);
    const chosen = selectLoraLayers(layers, ['feed-forward', 'cross-attention']);
    expect(chosen).toEqual(layers.filter((layer) => chosen.includes(layer)));
  });

  it('takes several targets in one text', () => {
    expect(count('cross-attention, feed-forward')).toBe(96);
    expect(count('mid_block.*,', 'feed-forward')).toBe(42);
    expect(count('/attn[12]\\.to_.{1,1}$/')).toBe(96);
  });

  it('takes layer names with asterisks, and regular expressions', () => {
    expect(count('mid_block.*')).toBe(12);
    expect(count('*.attn2.to_k')).toBe(16);
    expect(count('mid_block.attentions.0.proj_in')).toBe(1);
    expect(count('/up_blocks\\.[12].*to_q$/')).toBe(12);
  });

  it('takes a dot for a dot', () => {
    expect(() => selectLoraLayers(layers, ['mid_block.attentions.0.proj.in'])).toThrow('matches no layer');
  });

  it('names the sets and some layers where a target matches nothing', () => {
    const message = messageOf('attention', 'down_blocks.7.*');
    expect(message).toContain('"down_blocks.7.*" matches no layer of this model.');
    expect(message).toContain('attention, self-attention, cross-attention, feed-forward, all-linear');
    expect(message).toContain('down_blocks.0.attentions.0.proj_in');
    expect(messageOf('crossattention')).toContain('Did you mean cross-attention?');
  });

  it('refuses a broken regular expression and an empty list', () => {
    expect(messageOf('/[/')).toContain('is no pattern');
    expect(messageOf()).toContain('needs layers to adapt');
    expect(messageOf(' , ')).toContain('needs layers to adapt');
  });
});
