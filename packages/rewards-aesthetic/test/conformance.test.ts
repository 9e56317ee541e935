import { fileURLToPath } from 'node:url';
import aesthetic from '@draft/reward-aesthetic';
import { describeReward } from '@draft/testing';
import { describe, it } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
// A miniature with random weights, which answers to all pixels as the published model does.
const options = { checkpoint: clip('model'), head: own('linear.pth') };
const settings = { runner: { describe, it }, package: import.meta.url };

describeReward(aesthetic, { ...settings, options });
describeReward(aesthetic, {
  ...settings,
  options: { ...options, preprocessing: 'bilinear', antialias: false },
  label: 'bilinear',
});
