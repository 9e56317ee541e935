export type { CheckpointConfigs } from './checkpoint/read-configs.js';
export { readConfigs } from './checkpoint/read-configs.js';
export { loadStableDiffusion } from './load-stable-diffusion.js';
export { parseNoiseSchedule } from './schedule/noise-schedule.js';
export {
  createStableDiffusion,
  type StableDiffusion,
  type StableDiffusionParts,
} from './stable-diffusion.js';
export { type StableDiffusionOptions, stableDiffusionOptions } from './stable-diffusion-options.js';
export { stableDiffusionPlugin as default } from './stable-diffusion-plugin.js';
export { createUnet, type Unet } from './unet/unet.js';
export { parseUnetConfig, type UnetConfig } from './unet/unet-config.js';
export { createVae, type LatentDistribution, type Vae } from './vae/vae.js';
export { parseVaeConfig, type VaeConfig } from './vae/vae-config.js';
