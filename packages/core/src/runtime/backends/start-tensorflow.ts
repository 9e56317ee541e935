import { existsSync } from 'node:fs';
import type { ComputeType, Runtime } from '../../contracts/runtime.js';
import { DraftError } from '../../errors/draft-error.js';
import { ensureTensorFlow } from '../provision/ensure-tensorflow.js';
import type { InstallListener } from '../provision/install-progress.js';
import { locateTensorFlow } from '../provision/locate-tensorflow.js';
import { repairRuntime } from '../provision/repair-runtime.js';
import type { TensorFlowVariant } from '../provision/runtime-folder.js';
import type { TensorFlowFiles } from '../tensorflow/open-binding.js';

/** How TensorFlow is started. */
export interface TensorFlowStart extends InstallListener {
  readonly computeType: ComputeType;
  readonly gpu: 'auto' | boolean;
  /** How many samples functions get at a time. */
  readonly batch: number;
  readonly signal?: AbortSignal | undefined;
}

const isBroken = (error: unknown): error is DraftError =>
  DraftError.is(error) && error.code === 'DRAFT_RUNTIME_BROKEN';

/** Opens TensorFlow; where it does not load, repairs what is damaged and tries once more. */
const open = async (
  variant: TensorFlowVariant,
  files: TensorFlowFiles,
  { computeType, batch, log, progress, signal }: TensorFlowStart,
): Promise<Runtime> => {
  // Loads tfjs-node's kernels, which only this back end needs.
  const { createTensorFlowRuntime } = await import('../tensorflow/tensorflow-runtime.js');
  try {
    return createTensorFlowRuntime(files, computeType, batch);
  } catch (error) {
    if (!isBroken(error)) throw error;
    log(`${error.message.replace(/; run .*$/, '')}: repairing it.`);
    const repaired = await repairRuntime({ variant, log, progress, signal });
    return createTensorFlowRuntime(repaired, computeType, batch);
  }
};

const remarkOnGpu = (runtime: Runtime, log: (line: string) => void): Runtime => {
  if (runtime.device === 'CPU') {
    log(
      "TensorFlow's CUDA build finds no GPU on this machine and computes on the CPU (`draft runtime info` says why).",
    );
  }
  return runtime;
};

/** Starts TensorFlow, which is set up first where it is missing. */
export const startTensorFlow = async (start: TensorFlowStart): Promise<Runtime> => {
  const { gpu, log, progress, signal } = start;
  const cudaFiles = gpu === 'auto' ? locateTensorFlow('gpu') : undefined;
  if (cudaFiles) {
    try {
      return remarkOnGpu(await open('gpu', cudaFiles, start), log);
    } catch (error) {
      if (!isBroken(error)) throw error;
      log(`${error.message} Going on with the build for processors.`);
    }
  }
  if (gpu === 'auto' && !cudaFiles && existsSync('/proc/driver/nvidia/version')) {
    log('This machine has an NVIDIA GPU: `draft runtime install --gpu` sets up the TensorFlow that uses it.');
  }
  const variant = gpu === true ? 'gpu' : 'cpu';
  const runtime = await open(variant, await ensureTensorFlow({ variant, log, progress, signal }), start);
  return variant === 'gpu' ? remarkOnGpu(runtime, log) : runtime;
};
