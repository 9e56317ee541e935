import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe } from 'vitest';
import { tf } from '../../src/runtime/tf.js';

/** Runs a suite on each back end that needs nothing installed. */
export function describeOnBackends(name: string, suite: (backend: 'cpu' | 'wasm') => void): void {
  describe.each(['cpu', 'wasm'] as const)(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      await tf.setBackend(backend);
      await tf.ready();
    });
    suite(backend);
  });
}
