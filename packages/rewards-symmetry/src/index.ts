export { createSymmetry } from './create-symmetry.js';
export { type MirrorAxis, mirrorAsymmetry } from './mirror-asymmetry.js';
export { symmetry, symmetry as default } from './symmetry.js';
export { type SymmetryOptions, symmetryOptions } from './symmetry-options.js';
