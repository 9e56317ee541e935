import type { RewardWeights } from '@draft/core';
import { publishedModels } from './load-detector.js';

/** The published models. */
export const cardWeights: readonly RewardWeights[] = [
  {
    name: 'SSDLite MobileNetV2 (model lite_mobilenet_v2)',
    source: publishedModels.lite_mobilenet_v2,
    license: 'Apache-2.0',
    bytes: 18_561_843,
  },
  {
    name: 'SSD MobileNetV1 (model mobilenet_v1)',
    source: publishedModels.mobilenet_v1,
    license: 'Apache-2.0',
    bytes: 27_264_356,
  },
  {
    name: 'SSD MobileNetV2 (model mobilenet_v2)',
    source: publishedModels.mobilenet_v2,
    license: 'Apache-2.0',
    bytes: 67_771_262,
  },
];
