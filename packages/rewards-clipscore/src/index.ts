export { clipscore, clipscore as default } from './clipscore.js';
export { type ClipscoreOptions, clipscoreOptions } from './clipscore-options.js';
export { createClipscore } from './create-clipscore.js';
