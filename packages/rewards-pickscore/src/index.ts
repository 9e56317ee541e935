export { createPickscore } from './create-pickscore.js';
export { pickscore, pickscore as default } from './pickscore.js';
export { type PickscoreOptions, pickscoreOptions } from './pickscore-options.js';
