import { type BackendName, type ComputeType, createRuntime, DraftError, type Runtime, tf } from '@draft/core';
import { nearestName } from '@draft/core/plugins';
import type { Progress } from '../progress/progress.js';

const names: readonly BackendName[] = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

/** The back end that the environment asks for; undefined where it does not. */
const fromEnvironment = (value: string | undefined): BackendName | undefined => {
  if (value === undefined || value === '' || value === 'auto') return undefined;
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  const nearest = nearestName(value, names);
  const hint = nearest === undefined ? `there are ${names.join(', ')}.` : `did you mean "${nearest}"?`;
  throw new DraftError(
    'DRAFT_BACKEND_UNKNOWN',
    `DRAFT_BACKEND names no back end (given: "${value}"): ${hint}`,
  );
};

/**
 * Starts the tensor runtime that was asked for.
 * @param backend `auto` leaves the choice to `DRAFT_BACKEND`, and then to what there is.
 */
export const openRuntime = (
  backend: BackendName | 'auto',
  computeType: ComputeType,
  progress: Progress,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Runtime> => {
  const chosen = backend === 'auto' ? fromEnvironment(environment.DRAFT_BACKEND) : backend;
  if (computeType !== 'float32' && chosen !== undefined && chosen !== 'tensorflow') {
    throw new DraftError(
      'DRAFT_DTYPE_UNSUPPORTED',
      `The back end ${chosen} computes in float32 only: leave out --dtype ${computeType}, or use --backend tensorflow.`,
    );
  }
  // Also silences the advice to install another package.
  tf.enableProdMode();
  progress.activity('starting the tensor runtime');
  return createRuntime({ computeType, ...(chosen === undefined ? {} : { backend: chosen }) });
};
