import type { RewardWeights } from '@draft/core';
import { publishedModels } from './load-detector.js';

/** The published models; of the third no size is known to us. */
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
];
