import { homedir } from 'node:os';
import { join } from 'node:path';

/** Which build of TensorFlow: the one for processors, or the one for CUDA 12. */
export type TensorFlowVariant = 'cpu' | 'gpu';

/** The TensorFlow release that `draft runtime install` sets up. */
export const tensorFlowVersion = '2.21.0';

/**
 * Where @draft keeps what it can make again: `DRAFT_CACHE`, else `draft` in the user's cache folder
 * (`XDG_CACHE_HOME`, `~/.cache`).
 */
export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment.DRAFT_CACHE ?? join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'draft');

/** The folder of one provisioned TensorFlow; it exists only when it is complete. */
export const runtimeFolder = (variant: TensorFlowVariant): string =>
  join(cacheFolder(), 'runtime', `tensorflow-${tensorFlowVersion}-${variant}`);
