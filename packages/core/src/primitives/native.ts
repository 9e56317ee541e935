import { AttributeKind, type OpAttribute } from '../runtime/tensorflow/binding.js';
import { type Tensor, tf } from '../runtime/tf.js';

/** The part of TensorFlow's back end that runs ops of our own kernels. */
interface NativeBackend {
  readonly nativeKernels?: boolean;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

const backend = (): NativeBackend => tf.backend() as unknown as NativeBackend;

/** Whether the active back end has our own kernels: TensorFlow on a processor that they are made for. */
export function hasNativeKernels(): boolean {
  return tf.getBackend() === 'tensorflow' && backend().nativeKernels === true;
}

/** Runs an op of native/kernels. Whole numbers and flags are such by their type; numbers with a fraction are named in `floats`. */
export function runNative(
  name: string,
  inputs: readonly Tensor[],
  attributes: {
    readonly integers?: Readonly<Record<string, number>>;
    readonly floats?: Readonly<Record<string, number>>;
    readonly flags?: Readonly<Record<string, boolean>>;
  },
  outputs = 1,
): Tensor[] {
  const { integers = {}, floats = {}, flags = {} } = attributes;
  const listed = (type: number, values: Readonly<Record<string, number | boolean>>): OpAttribute[] =>
    Object.entries(values).map(([attribute, value]) => ({ name: attribute, type, value }));
  return backend().executeMultipleOutputs(
    name,
    [
      ...listed(AttributeKind.int, integers),
      ...listed(AttributeKind.float, floats),
      ...listed(AttributeKind.bool, flags),
    ],
    inputs,
    outputs,
  );
}

/** Numbers of the activations, as the kernels have them. */
export const activationNumber = { none: 0, silu: 1, gelu: 2, quickGelu: 3 } as const;
