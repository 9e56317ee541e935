import { ssdMobilenetV1 } from '../ssd/mobilenet-v1.js';
import { cocoSsdGraph } from './coco-ssd-graph.js';

/** The model mobilenet_v1. */
export const reward = cocoSsdGraph('SSD MobileNetV1', ssdMobilenetV1);
