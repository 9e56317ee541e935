import { type ComputeType, createRuntime, linear, type TensorRecord, tf } from '@draft/core';
import { serve } from './serve.js';

// How fast this machine multiplies matrices: what all other figures are a part of.

const side = 2048;

tf.enableProdMode();
const [computeType] = process.argv.slice(2) as [ComputeType];
const runtime = await createRuntime({ backend: 'tensorflow', computeType });
const rows = tf.randomNormal([side, side]);
const values = tf.randomNormal([side, side]).dataSync() as Float32Array;
const weight = runtime.weight(new Uint8Array(values.buffer), 'F32', [side, side]);
const compiled = runtime.compile('matrix-product', (inputs: TensorRecord) => ({
  product: linear(inputs.rows as never, { weight }),
}));
await serve('matrix products', async () => async () => {
  const { product } = await compiled({ rows });
  tf.dispose(product as never);
  return { operations: 2 * side ** 3 };
});
process.exit(0);
