import type { SafetensorsType } from '../files/safetensors-header.js';

/** The network of a pipeline that a LoRA changes, by its folder in diffusers' layout. */
export type LoraComponent = 'unet' | 'text_encoder' | 'text_encoder_2';

/** The update of one layer as numbers, `Δ = scale · up · down`, without a model or a tensor runtime. */
export interface LoraModule {
  readonly component: LoraComponent;
  /** Its name in the diffusers state dict, without `.weight`. */
  readonly layer: string;
  readonly rank: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Sides of the convolution's kernel; null for a linear map. */
  readonly kernel: readonly [number, number] | null;
  /** `A`, `[rank, in · kernel height · kernel width]`, row-major. */
  readonly down: Float32Array<ArrayBuffer>;
  /** `B`, `[out, rank]`, row-major. */
  readonly up: Float32Array<ArrayBuffer>;
  /** `α / r`. */
  readonly scale: number;
  /** How a file stored it, where it was read from one. */
  readonly dtype?: SafetensorsType;
}

/** What tells one module of a LoRA from the others. */
export const moduleKey = ({ component, layer }: Pick<LoraModule, 'component' | 'layer'>): string =>
  `${component}.${layer}`;

/** Columns of `A`: the features that go in, times the kernel's area. */
export const downWidth = ({ inFeatures, kernel }: Pick<LoraModule, 'inFeatures' | 'kernel'>): number =>
  inFeatures * (kernel ? kernel[0] * kernel[1] : 1);
