export { classIds, cocoClasses } from './coco-classes.js';
export { cocoSsd, cocoSsd as default } from './coco-ssd.js';
export { cocoSsdFound } from './coco-ssd-found.js';
export {
  type CocoSsdFoundOptions,
  type CocoSsdOptions,
  cocoSsdFoundOptions,
  cocoSsdOptions,
} from './coco-ssd-options.js';
export { createCocoSsd } from './create-coco-ssd.js';
export { createCocoSsdFound } from './create-coco-ssd-found.js';
export { type CutGraph, cutGraph } from './graph/cut-graph.js';
export { depthwiseConv2d } from './graph/depthwise-conv2d.js';
export { type GraphConstant, readConstants } from './graph/graph-constants.js';
export { type GraphModel, type GraphNode, parseGraphModel } from './graph/graph-model.js';
export { legacyResize } from './legacy-resize.js';
export { type Detector, loadDetector, type PublishedModel, publishedModels } from './load-detector.js';
export { loadObjects, type SoughtObjects } from './load-objects.js';
export { loadGraphModel } from './weights/load-graph-model.js';
