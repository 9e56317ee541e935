export { createHpsv2 } from './create-hpsv2.js';
export { hpsv2, hpsv2 as default } from './hpsv2.js';
export { type Hpsv2Options, hpsv2Options } from './hpsv2-options.js';
