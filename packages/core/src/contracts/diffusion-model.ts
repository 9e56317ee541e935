import type { Tensor, Tensor3D, Tensor4D } from '../runtime/tf.js';
import type { NoiseSchedule } from './noise-schedule.js';

/** A linear map, or a convolution, of the network that a LoRA can adapt. */
export interface AdaptableLayer {
  /** Its name in the diffusers state dict, without `.weight`: `down_blocks.0.attentions.0.….attn1.to_q`. */
  readonly name: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Whether the checkpoint stores a 1×1 convolution, whose LoRA weights are 4-D in files. */
  readonly convolution: boolean;
}

/** The low-rank update of one layer: `y = W x + scale · up (down x)`. */
export interface Adapter {
  /** `A`, `[rank, inFeatures]`. */
  readonly down: Tensor;
  /** `B`, `[outFeatures, rank]`. */
  readonly up: Tensor;
  /** `α / r`, times the strength at which the LoRA is applied. */
  readonly scale: number;
}

/** Adapters by layer name; several per layer add up. Passed to the network, never patched into it. */
export type Adapters = ReadonlyMap<string, readonly Adapter[]>;

/** What the prompts give the network, one row per sample. */
export interface Conditioning {
  /**
   * `[n, rows, width]`: text states, and whatever else the network reads of a prompt in rows of its own after them. What a
   * row holds is the business of the model that encoded it.
   */
  readonly context: Tensor3D;
}

/** A text-to-image latent diffusion model. All tensors are NHWC; the caller owns every result. */
export interface DiffusionModel {
  /** One line that names the checkpoint and its architecture. */
  readonly description: string;
  readonly schedule: NoiseSchedule;
  /** The checkpoint's own image size in pixels. */
  readonly imageSize: { readonly height: number; readonly width: number };
  /** Every layer that a LoRA may adapt. */
  readonly layers: readonly AdaptableLayer[];
  /** `lora` file base model name in kohya's terms: `sd_v1`, … */
  readonly architecture: string;
  /** Guidance that the network imitates by itself, so that it is drawn with guidance 1; absent in ordinary models. */
  readonly builtInGuidance?: number;
  /**
   * Latent `[height, width, channels]` for an image size in pixels.
   * @throws DraftError `DRAFT_IMAGE_SIZE` where a side is not divisible by the autoencoder's factor.
   */
  latentShape(height: number, width: number): readonly [number, number, number];
  /** Encodes prompts; the empty prompt is the unconditional branch. */
  encode(prompts: readonly string[]): Promise<Conditioning>;
  /**
   * The predicted noise ε, whatever the checkpoint predicts itself. Plain tensor code: differentiable in
   * `latents`, in `conditioning` and in the adapters; call it inside a tidy or a compiled function.
   * @param latents `[n, h, w, c]`, already scaled by the sampler's `inputScale`.
   * @param timestep Scalar, one training timestep for the whole batch.
   */
  predict(latents: Tensor4D, timestep: Tensor, conditioning: Conditioning, adapters?: Adapters): Tensor4D;
  /**
   * Decodes latents to images `[n, height, width, 3]`; `[0, 1]` is the visible range, not yet clamped.
   * Plain tensor code, differentiable in `latents`.
   */
  decode(latents: Tensor4D): Tensor4D;
  dispose(): void;
}
