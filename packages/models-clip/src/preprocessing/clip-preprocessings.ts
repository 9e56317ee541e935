import type { PreprocessingOptions } from './image-preprocessing.js';

/** How pictures become the square that a vision tower reads, but for its size. */
export type NamedPreprocessing = (antialias: boolean) => Omit<PreprocessingOptions, 'size'>;

/**
 * The preprocessings that rewards on CLIP share, by the names of their options. `official` is that of CLIP's own processors:
 * bicubic with antialiasing to the short side, the middle cropped, in 8 bits as Pillow does it. `crop` is the same
 * without 8 bits, as VADER (PickScore), ReNO and SRPO train with. `bilinear` is stretched to the square, as VADER trains with
 * on HPSv2 and the aesthetic predictor; AlignProp and TRL fit the short side, which is the same for square pictures.
 */
export const clipPreprocessings: Readonly<Record<'official' | 'crop' | 'bilinear', NamedPreprocessing>> = {
  official: () => ({ kernel: 'bicubic', antialias: true, fit: 'crop', clamp: true, rounded: true }),
  crop: () => ({ kernel: 'bicubic', antialias: true, fit: 'crop', clamp: false }),
  bilinear: (antialias) => ({ kernel: 'bilinear', antialias, fit: 'stretch', clamp: false }),
};
