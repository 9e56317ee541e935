export { createDdpo } from './create-ddpo.js';
export { ddpo, ddpo as default } from './ddpo.js';
export { type DdpoOptions, ddpoOptions } from './ddpo-options.js';
export { type Normalised, normaliseRewards, type RewardHistory } from './reward-history.js';
export { stochasticTable } from './stochastic-table.js';
