export { compressibility, compressibility as default } from './compressibility.js';
export { createJpegReward, jpegLoss } from './create-jpeg-reward.js';
export { incompressibility } from './incompressibility.js';
export { type JpegOptions, jpegOptions } from './jpeg-options.js';
export { createJpegCodec, type JpegCodec } from './jpeg-round-trip.js';
export { quantisationTable } from './quantisation-table.js';
export { softRound } from './soft-round.js';
