import { createRuntime, type TensorRecord, tf } from '@draft/core';
import { serve } from './serve.js';

// How fast this machine multiplies matrices: what all other figures are a part of.

const side = 2048;

tf.enableProdMode();
const runtime = await createRuntime({ backend: 'tensorflow' });
const [a, b] = [tf.randomNormal([side, side]), tf.randomNormal([side, side])];
const compiled = runtime.compile('matrix-product', (inputs: TensorRecord) => ({
  product: tf.matMul(inputs.a as never, inputs.b as never),
}));
await serve('matrix products', async () => {
  const { product } = await compiled({ a, b });
  tf.dispose(product as never);
  return { operations: 2 * side ** 3 };
});
process.exit(0);
