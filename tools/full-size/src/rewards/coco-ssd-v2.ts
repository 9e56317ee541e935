import { ssdMobilenetV2 } from '../ssd/mobilenet-v2.js';
import { cocoSsdGraph } from './coco-ssd-graph.js';

/** The model mobilenet_v2. */
export const reward = cocoSsdGraph('SSD MobileNetV2', ssdMobilenetV2);
