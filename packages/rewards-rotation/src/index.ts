export { createRotation } from './create-rotation.js';
export { type QuarterTurn, rotateImages } from './rotate-images.js';
export { rotation, rotation as default } from './rotation.js';
export { rotationCorrelation } from './rotation-correlation.js';
export { type RotationOptions, rotationOptions } from './rotation-options.js';
