export { createDiversity, createPixelDiversity } from './create-diversity.js';
export { diversity, diversity as default } from './diversity.js';
export { type DiversityOptions, diversityOptions } from './diversity-options.js';
export { type Lpips, type LpipsToLoad, loadLpips } from './lpips/load-lpips.js';
export { maxPool } from './lpips/max-pool.js';
