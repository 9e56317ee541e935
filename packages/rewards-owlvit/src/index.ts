export { createOwlvit } from './create-owlvit.js';
export { detectionMeasures } from './detection-measures.js';
export { type DetectorToLoad, type LoadedDetector, loadDetector } from './load-detector.js';
export { boxBias } from './network/box-bias.js';
export { createDetector, type Detections, type Detector } from './network/detector.js';
export { parseDetectorConfig } from './network/detector-config.js';
export { owlvit, owlvit as default } from './owlvit.js';
export { type OwlvitOptions, owlvitOptions } from './owlvit-options.js';
