import { bestOf } from './best-of.js';
import { latent } from './latent.js';
import { promptTemplate } from './prompt-template.js';
import type { Strategy } from './strategy.js';
import type { StrategyName } from './strategy-names.js';

/** All ways of drawing better pictures without training, by name. */
export const strategies: Readonly<Record<StrategyName, Strategy<unknown>>> = {
  'best-of': bestOf,
  'prompt-template': promptTemplate,
  latent,
};
