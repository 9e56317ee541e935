import type { BackendName, ComputeType, Runtime } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { startTensorFlow } from './backends/start-tensorflow.js';
import { startWasm } from './backends/start-wasm.js';
import { startWebGpu } from './backends/start-webgpu.js';
import { createEagerRuntime } from './eager-runtime.js';
import { type InstallListener, showInstall } from './provision/install-progress.js';
import { tf } from './tf.js';

/** Which runtime is wanted. */
export interface RuntimeOptions extends Partial<InstallListener> {
  /**
   * `auto` is TensorFlow, set up on first need, or wasm where that is impossible.
   * @default the environment's `DRAFT_BACKEND`, else `auto`
   */
  readonly backend?: 'auto' | BackendName;
  /** @default 'float32' */
  readonly computeType?: ComputeType;
  /**
   * TensorFlow's CUDA build: `true` needs it and sets it up, `false` ignores it, `auto` takes it where it is set up.
   * @default 'auto'
   */
  readonly gpu?: 'auto' | boolean;
  /**
   * How many samples functions get at a time. With several, processors take a part of the batch each; with one they share every
   * op. The first runtime of a process decides.
   * @default 1
   */
  readonly batch?: number;
  readonly signal?: AbortSignal;
}

const choices = ['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

const chooseBackend = (wanted: string | undefined): (typeof choices)[number] => {
  const source = wanted === undefined ? 'DRAFT_BACKEND' : 'backend';
  const value = wanted ?? (process.env.DRAFT_BACKEND || 'auto');
  const choice = choices.find((name) => name === value);
  if (choice) return choice;
  throw new DraftError(
    'DRAFT_UNKNOWN_BACKEND',
    `There is no back end ${JSON.stringify(value)} (${source}): choose ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}.`,
  );
};

/** What keeps TensorFlow from being set up, as opposed to what is wrong with the call. */
const preventsSetup = (error: unknown): error is DraftError =>
  DraftError.is(error) &&
  (error.code.startsWith('DRAFT_RUNTIME_') || /^DRAFT_(DISK_FULL|FILE_\w+|ARCHIVE_BROKEN)$/.test(error.code));

const startEager = async (backend: Exclude<BackendName, 'tensorflow'>): Promise<Runtime> => {
  if (backend === 'wasm') return startWasm();
  if (backend === 'webgpu') return startWebGpu();
  await tf.setBackend('cpu');
  await tf.ready();
  // Otherwise its first use prints an advertisement for another package.
  Object.assign(tf.backend(), { firstUse: false });
  return createEagerRuntime('cpu');
};

/**
 * Starts the back end that computes everything in this process.
 * @throws DraftError `DRAFT_RUNTIME_…` where the wanted back end cannot run here, `DRAFT_UNKNOWN_BACKEND`,
 * `DRAFT_OPTION_INVALID`.
 */
export const createRuntime = async (options: RuntimeOptions = {}): Promise<Runtime> => {
  const { backend, computeType = 'float32', gpu = 'auto', batch = 1, signal, ...listener } = options;
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `The option batch of createRuntime is ${batch}: give the number of samples, a whole number of at least 1.`,
    );
  }
  const { log, progress } = { ...showInstall(), ...listener };
  let choice = chooseBackend(backend);
  if (choice === 'auto' || choice === 'tensorflow') {
    try {
      return await startTensorFlow({ computeType, gpu, batch, log, progress, signal });
    } catch (error) {
      if (choice === 'tensorflow' || gpu === true || !preventsSetup(error)) throw error;
      const reason = error.message.replace(/; `--backend wasm`[^;]*$/, '.');
      log(`${reason} Going on with the wasm back end, which is slow and for the miniature only.`);
      choice = 'wasm';
    }
  }
  if (computeType === 'bfloat16') log(`The ${choice} back end has no bfloat16: weights are kept in float32.`);
  return startEager(choice);
};
