export { alignprop, alignprop as default } from './alignprop.js';
export { type AlignpropOptions, alignpropOptions } from './alignprop-options.js';
export { createAlignprop } from './create-alignprop.js';
