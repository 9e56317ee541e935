import { type BackendName, type ComputeType, createRuntime, type Runtime, tf } from '@draft/core';
import type { Progress } from '../progress/progress.js';
import { installListener } from './install-listener.js';

/** What a configuration says about the runtime. */
export interface RuntimeSettings {
  /** `auto` leaves the choice to `DRAFT_BACKEND`, and then to what there is. */
  readonly backend: BackendName | 'auto';
  readonly dtype: ComputeType;
  /** Pictures that are computed at once. */
  readonly batch?: number;
}

/** Starts the tensor runtime that was asked for, setting it up first where that is needed. */
export const openRuntime = async (
  { backend, dtype, batch = 1 }: RuntimeSettings,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Runtime> => {
  // Also silences the advice to install another package.
  tf.enableProdMode();
  progress.activity('starting the tensor runtime');
  return createRuntime({
    computeType: dtype,
    batch,
    ...(backend === 'auto' ? {} : { backend }),
    ...(signal ? { signal } : {}),
    ...installListener(progress),
  });
};
