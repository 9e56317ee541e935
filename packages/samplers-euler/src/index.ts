export { euler, euler as default } from './euler.js';
export { type EulerOptions, eulerOptions } from './euler-options.js';
export { eulerTable } from './euler-table.js';
