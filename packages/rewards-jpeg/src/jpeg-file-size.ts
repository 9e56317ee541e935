import type { MeasuredReward, RewardPlugin } from '@draft/core';
import { encodeJpeg } from './encode-jpeg.js';
import { type FileSizeOptions, fileSizeOptions } from './file-size-options.js';

/** Makes the reward for small files: minus the kilobytes (of 1000) of each picture as a JPEG file. */
export const createFileSizeReward = ({ quality }: FileSizeOptions): MeasuredReward => ({
  differentiable: false,
  perSample: true,
  measure: async (pictures) => pictures.map((picture) => -encodeJpeg(picture, quality).length / 1000),
  dispose: () => {},
});

/** Small JPEG files: compressibility itself, which has no gradient. */
export const jpegFileSize: RewardPlugin<FileSizeOptions, MeasuredReward> = {
  specVersion: 1,
  kind: 'reward',
  name: 'jpeg-file-size',
  description: 'Rewards pictures that are small JPEG files, by their bytes; without a gradient.',
  options: fileSizeOptions,
  card: {
    measures: 'Minus the size of a picture as a JPEG file, in kilobytes of 1000 bytes. It has no gradient.',
    range: [null, 0],
    anchors: 'it grows with the number of pixels, so compare pictures of one size only',
    hacking: 'Flat colours and empty backgrounds, and in the end nothing else.',
    sources: ['DDPO, https://arxiv.org/abs/2305.13301'],
  },
  differentiable: false,
  create: (options) => createFileSizeReward(options),
};

export default jpegFileSize;
