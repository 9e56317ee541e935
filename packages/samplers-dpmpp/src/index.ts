export { dpmpp, dpmpp as default } from './dpmpp.js';
export { type DpmppOptions, dpmppOptions } from './dpmpp-options.js';
export { type DpmppSettings, dpmppTable } from './dpmpp-table.js';
export { karrasSigmas, nearestTimestep } from './karras-sigmas.js';
