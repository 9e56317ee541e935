export { ddpm, ddpm as default } from './ddpm.js';
export { type DdpmOptions, ddpmOptions } from './ddpm-options.js';
export { ddpmTable } from './ddpm-table.js';
