export { createDrtune } from './create-drtune.js';
export { drtune, drtune as default } from './drtune.js';
export { type DrtuneOptions, drtuneOptions } from './drtune-options.js';
