import { type BackendName, type ComputeType, createRuntime, type Runtime, tf } from '@draft/core';
import type { Progress } from '../progress/progress.js';
import { installListener } from './install-listener.js';

/**
 * Starts the tensor runtime that was asked for, setting it up first where that is needed.
 * @param backend `auto` leaves the choice to `DRAFT_BACKEND`, and then to what there is.
 */
export const openRuntime = async (
  backend: BackendName | 'auto',
  computeType: ComputeType,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Runtime> => {
  // Also silences the advice to install another package.
  tf.enableProdMode();
  progress.activity('starting the tensor runtime');
  return createRuntime({
    computeType,
    ...(backend === 'auto' ? {} : { backend }),
    ...(signal ? { signal } : {}),
    ...installListener(progress),
  });
};
