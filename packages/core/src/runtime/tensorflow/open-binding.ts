import { createRequire } from 'node:module';
import { DraftError } from '../../errors/draft-error.js';
import type { KernelLibrary } from '../provision/kernel-library.js';
import type { Binding } from './binding.js';
import { createMessage, type MessageWriter } from './protobuf.js';

/** Where a provisioned TensorFlow lies. */
export interface TensorFlowFiles {
  /** The compiled Node-API module. */
  readonly binding: string;
  /** `libtensorflow_framework.so.2`. */
  readonly framework: string;
  /** `libtensorflow_cc.so.2`. */
  readonly runtime: string;
  /** Kernels of our own, where this processor has what they need. */
  readonly kernels?: KernelLibrary | undefined;
}

/** An opened TensorFlow. */
export interface OpenTensorFlow {
  readonly binding: Binding;
  readonly version: string;
  /** Names of its devices, `/job:localhost/…/device:CPU:0` and so on. */
  readonly devices: readonly string[];
}

const open = (binding: Binding, { framework, runtime, kernels }: TensorFlowFiles, threadsPerOp: number) =>
  binding.open(framework, runtime, configuration(threadsPerOp), kernels?.path ?? '', threadsPerOp);

let opened: OpenTensorFlow | undefined;

/**
 * Adds to a session configuration that threads without work sleep: spinning ones take processors from those that have
 * some. (ConfigProto.experimental = 16, Experimental.disable_thread_spinning = 9.)
 */
export const withoutSpinning = (configuration: MessageWriter): MessageWriter =>
  configuration.message(16, createMessage().varint(9, 1));

/**
 * A session configuration: GPU memory as it is needed, not all at once. (ConfigProto.intra_op_parallelism_threads = 2;
 * gpu_options = 6, GPUOptions.allow_growth = 4.)
 */
const configuration = (threadsPerOp: number): Uint8Array =>
  withoutSpinning(createMessage().varint(2, threadsPerOp).message(6, createMessage().varint(4, 1))).finish();

/** Loads TensorFlow into this process, once; later calls get what the first one opened. */
export const openBinding = (files: TensorFlowFiles, threadsPerOp: number): OpenTensorFlow => {
  if (opened) return opened;
  // TensorFlow greets on standard error otherwise.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Which of its kernels compute what is chosen op by op, and not by TensorFlow for some processors and with a message.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  try {
    const binding = createRequire(import.meta.url)(files.binding) as Binding;
    opened = { binding, ...open(binding, files, threadsPerOp) };
    return opened;
  } catch (cause) {
    throw new DraftError(
      'DRAFT_RUNTIME_BROKEN',
      `TensorFlow could not be loaded from ${files.runtime} (${(cause as Error).message}); run \`draft runtime install\` to set it up again.`,
      { cause },
    );
  }
};
