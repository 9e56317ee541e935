export { createRefl } from './create-refl.js';
export { refl, refl as default } from './refl.js';
export { type ReflOptions, reflOptions } from './refl-options.js';
