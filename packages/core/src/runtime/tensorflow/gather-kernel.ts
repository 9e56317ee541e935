import { type Tensor, tf } from '../tf.js';
import type { TensorFlowBackend } from './backend.js';
import { AttributeKind, ElementType } from './binding.js';

interface GatherArguments {
  readonly inputs: { readonly x: Tensor; readonly indices: Tensor };
  readonly attrs: { readonly axis: number; readonly batchDims?: number };
  readonly backend: TensorFlowBackend;
}

/**
 * Replaces tfjs-node's kernel for looking up rows, which reads every index to check it and so could neither be
 * recorded as a graph nor run without a copy to the host. TensorFlow checks indices itself.
 */
export const replaceGatherKernel = (): void => {
  tf.unregisterKernel('GatherV2', 'tensorflow');
  tf.registerKernel({
    kernelName: 'GatherV2',
    backendName: 'tensorflow',
    kernelFunc: ((given: GatherArguments) => {
      const { x, indices } = given.inputs;
      const { axis, batchDims = 0 } = given.attrs;
      const along = tf.scalar(axis, 'int32');
      const attributes = [
        { name: 'batch_dims', type: AttributeKind.int, value: batchDims },
        { name: 'Tparams', type: AttributeKind.type, value: ElementType[x.dtype] },
        { name: 'Tindices', type: AttributeKind.type, value: ElementType.int32 },
        { name: 'Taxis', type: AttributeKind.type, value: ElementType.int32 },
      ];
      const result = given.backend.executeSingleOutput('GatherV2', attributes, [x, indices, along]);
      along.dispose();
      return result;
    }) as never,
  });
};
