export { createDiversity } from './create-diversity.js';
export { diversity, diversity as default } from './diversity.js';
export { type DiversityOptions, diversityOptions } from './diversity-options.js';
