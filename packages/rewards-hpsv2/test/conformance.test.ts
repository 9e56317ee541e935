import hpsv2 from '@draft/reward-hpsv2';
import { describeReward } from '@draft/testing';
import { describe, it } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';

// A miniature with random weights, which answers to all pixels as the published model does.
const options = { checkpoint: clip('model'), tokenizer: clip('tokenizer') };
const settings = { runner: { describe, it }, package: import.meta.url };

describeReward(hpsv2, { ...settings, options });
describeReward(hpsv2, {
  ...settings,
  options: { ...options, preprocessing: 'bilinear', antialias: false },
  label: 'bilinear',
});
