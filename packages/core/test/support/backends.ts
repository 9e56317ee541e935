import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe } from 'vitest';
import { createRuntime } from '../../src/runtime/create-runtime.js';
import { tf } from '../../src/runtime/tf.js';

/** Runs a suite on each back end of this machine: on TensorFlow by our own kernels, where they are made for its processor. */
export function describeOnBackends(
  name: string,
  suite: (backend: 'cpu' | 'wasm' | 'tensorflow') => void,
): void {
  describe.each(['cpu', 'wasm', 'tensorflow'] as const)(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      if (backend === 'tensorflow') await createRuntime({ backend });
      await tf.setBackend(backend);
      await tf.ready();
    });
    suite(backend);
  });
}
