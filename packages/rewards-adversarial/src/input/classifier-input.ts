import type { PreprocessingOptions } from '@draft/model-clip';

/** How a classifier's publisher makes pictures what it reads. */
export type ClassifierInput = Required<
  Pick<PreprocessingOptions, 'size' | 'kernel' | 'fit' | 'crop' | 'statistics'>
>;

/** The statistics of ImageNet's pictures, which its classifiers are trained with. */
export const imagenetStatistics = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
} as const;

/** Short side of 256, of which the middle 224 are read, bicubic: what timm and transformers assume of a ResNet. */
export const usualInput: ClassifierInput = {
  size: 224,
  kernel: 'bicubic',
  fit: 'crop',
  crop: { shortSide: 256, rounding: 'down' },
  statistics: imagenetStatistics,
};
