import type { Runtime } from '../../src/contracts/runtime.js';
import { type Tensor, tf } from '../../src/runtime/tf.js';
import { normal } from '../support/random-tensor.js';
import type { NativeCase } from './cases.js';

/** Largest difference, relative to the largest number. */
const difference = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  let [most, largest] = [0, 1e-30];
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs((actual[i] ?? Number.NaN) - (expected[i] as number));
    most = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(most, error);
    largest = Math.max(largest, Math.abs(expected[i] as number));
  }
  return most / largest;
};

/** A case's numbers: those of what is differentiated, and those of weights, about as large as trained ones. */
const numbersOf = ({ inputs, weights }: NativeCase): { inputs: Tensor[]; weights: Tensor[] } => ({
  inputs: inputs.map((shape, i) => normal(shape, i + 1)),
  weights: weights.map((shape, i) => {
    const sums = shape.slice(0, -1).reduce((product, side) => product * side, 1);
    return tf.tidy(() => tf.div(normal(shape, 50 + i), Math.sqrt(sums)));
  }),
});

/** A case's value and gradients, with a cotangent that is the same on all back ends. */
const compute = (test: NativeCase, inputs: readonly Tensor[], weights: readonly Tensor[]): Tensor[] => {
  let value: Tensor | undefined;
  const loss = (...xs: Tensor[]): Tensor => {
    const y = test.f(xs, weights);
    value = tf.keep(tf.clone(y));
    return tf.sum(tf.mul(y, normal(y.shape, 77)));
  };
  const gradients = tf.grads(loss)([...inputs]);
  return [value as Tensor, ...gradients];
};

/** The same by plain ops in JavaScript. */
export const expectedOf = async (test: NativeCase): Promise<Float32Array[]> => {
  await tf.setBackend('cpu');
  const { inputs, weights } = numbersOf(test);
  const results = compute(test, inputs, weights);
  const numbers = results.map((result) => result.dataSync() as Float32Array);
  tf.dispose([...results, ...inputs, ...weights]);
  return numbers;
};

/** How far a runtime's value and gradients are from those expected, each relative to its largest number. */
export const differencesOf = async (
  runtime: Runtime,
  test: NativeCase,
  expected: readonly Float32Array[],
): Promise<number[]> => {
  await tf.setBackend('tensorflow');
  const { inputs, weights } = numbersOf(test);
  const kept = weights.map((weight) =>
    runtime.weight(new Uint8Array((weight.dataSync() as Float32Array).slice().buffer), 'F32', weight.shape),
  );
  const compiled = runtime.compile('case', (given: Readonly<Record<string, Tensor>>) => {
    const results = compute(
      test,
      inputs.map((_, i) => given[`x${i}`] as Tensor),
      kept,
    );
    return Object.fromEntries(results.map((result, i) => [`y${i}`, result]));
  });
  const results = await compiled(Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])));
  const found = expected.map((numbers, i) => difference((results[`y${i}`] as Tensor).dataSync(), numbers));
  compiled.dispose();
  tf.dispose([...Object.values(results), ...inputs, ...weights, ...kept]);
  return found;
};
