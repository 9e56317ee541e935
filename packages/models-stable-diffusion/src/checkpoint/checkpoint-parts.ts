import type { TensorSource } from '@draft/core';
import type { CheckpointConfigs } from './read-configs.js';

/** The networks of a checkpoint; `text_encoder_2` is SDXL's alone. */
export type ComponentName = 'unet' | 'vae' | 'text_encoder' | 'text_encoder_2';

/** A checkpoint in whatever layout: its configurations, and its weights under diffusers' names. */
export interface CheckpointParts {
  readonly configs: CheckpointConfigs;
  /** What says how the networks are built, for messages; absent where each component's config.json does. */
  readonly expectation?: string;
  /** Opens one component's weights; each is opened once and closed by whoever opened it. */
  open(component: ComponentName): TensorSource;
}
