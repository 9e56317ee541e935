export { lcm, lcm as default } from './lcm.js';
export { type LcmOptions, lcmOptions } from './lcm-options.js';
export { lcmTable } from './lcm-table.js';
