export { createDpg } from './create-dpg.js';
export { dpg, dpg as default } from './dpg.js';
export { type DpgOptions, dpgOptions } from './dpg-options.js';
