export { ddim, ddim as default } from './ddim.js';
export { type DdimOptions, ddimOptions } from './ddim-options.js';
export { type DdimSettings, ddimTable } from './ddim-table.js';
