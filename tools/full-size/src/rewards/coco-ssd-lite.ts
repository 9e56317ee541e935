import { ssdliteMobilenetV2 } from '../ssd/mobilenet-v2.js';
import { cocoSsdGraph } from './coco-ssd-graph.js';

/** The model lite_mobilenet_v2. */
export const reward = cocoSsdGraph('SSDLite MobileNetV2', ssdliteMobilenetV2);
