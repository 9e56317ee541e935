import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tf } from '@draft/core';
import { describeReward } from '@draft/testing';
import warmth, { createWarmth } from '../index.js';

describeReward(warmth, { runner: { describe, it }, package: import.meta.url });

describe('warmth', () => {
  it('likes an orange picture better than a blue one', () => {
    const images = tf.tensor4d([1, 0.5, 0.2, 0.2, 0.5, 1], [2, 1, 1, 3]);
    const scores = createWarmth({ amount: 0.8 }).score(images, {});
    const [orange, blue] = scores.dataSync();
    // 1 − 0.2 is the amount; 0.2 − 1 is 1.6 away from it.
    assert.ok(Math.abs(orange) < 1e-6 && Math.abs(blue + 2.56) < 1e-6, `${orange}, ${blue}`);
    tf.dispose([images, scores]);
  });
});
