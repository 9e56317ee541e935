import type { PreprocessingOptions } from './image-preprocessing.js';

/** How pictures become the square that a vision tower reads, but for its size. */
export type NamedPreprocessing = (antialias: boolean) => Omit<PreprocessingOptions, 'size'>;

/**
 * The preprocessings that CLIP models share, by the names of the rewards' options. `official` is that of CLIP's own
 * processors: bicubic with antialiasing to the short side, the middle cropped, values kept in `[0, 1]`. `bilinear` is what
 * AlignProp, TRL and VADER train with: stretched to the square, with antialiasing as torchvision has it since 0.17.
 */
export const clipPreprocessings: Readonly<Record<'official' | 'bilinear', NamedPreprocessing>> = {
  official: () => ({ kernel: 'bicubic', antialias: true, fit: 'crop', clamp: true }),
  bilinear: (antialias) => ({ kernel: 'bilinear', antialias, fit: 'stretch', clamp: false }),
};
