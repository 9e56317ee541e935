export { aesthetic, aesthetic as default } from './aesthetic.js';
export { type AestheticHead, createAestheticHead } from './aesthetic-head.js';
export { type AestheticOptions, aestheticOptions } from './aesthetic-options.js';
export { createAesthetic } from './create-aesthetic.js';
