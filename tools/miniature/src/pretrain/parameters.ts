import { type Tensor, type Tensor1D, tf, type WeightLayout, type Weights } from '@draft/core';

/** One weight of a network, as a part of the flat vector that holds them all. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layout: WeightLayout;
  readonly offset: number;
  readonly size: number;
}

/** Lists what a network asks for when it is built. */
export const listParameters = (build: (weights: Weights) => unknown): readonly Parameter[] => {
  const found = new Map<string, Parameter>();
  let offset = 0;
  const stand = tf.scalar(0);
  build({
    has: () => true,
    get(name, shape, layout) {
      const size = shape.reduce((product, side) => product * side, 1);
      if (!found.has(name)) {
        found.set(name, { name, shape, layout, offset, size });
        offset += size;
      }
      return stand;
    },
  });
  stand.dispose();
  return [...found.values()];
};

/** How many numbers the vector has. */
export const parameterCount = (parameters: readonly Parameter[]): number =>
  parameters.reduce((sum, { size }) => sum + size, 0);

// The last map of every residual branch starts at zero, so that a deep network starts as a shallow one.
const startsAtZero = /(conv2|to_out\.0|net\.2|proj_out|fc2|out_proj)\.weight$/;

/**
 * Initial values: norms at one, biases at zero, embeddings `N(0, 0.02²)`, the last map of each residual branch at
 * zero, every other `N(0, 1/fan_in)`.
 * @param normal Draws standard normal numbers.
 */
export const initialValues = (parameters: readonly Parameter[], normal: (count: number) => Float32Array) => {
  const values = new Float32Array(parameterCount(parameters));
  for (const { name, shape, layout, offset, size } of parameters) {
    const part = values.subarray(offset, offset + size);
    if (layout === 'vector') {
      if (name.endsWith('.weight')) part.fill(1);
      continue;
    }
    if (startsAtZero.test(name)) continue;
    const fanIn = layout === 'convolution' ? size / (shape.at(-1) as number) : (shape[1] as number);
    const spread = layout === 'table' ? 0.02 : 1 / Math.sqrt(fanIn);
    part.set(normal(size).map((value) => spread * value));
  }
  return values;
};

/** The vector taken apart, inside a compiled function. */
export const sliceParameters = (parameters: readonly Parameter[], flat: Tensor): Tensor[] =>
  parameters.map(({ offset, size, shape }) =>
    tf.reshape(tf.slice(flat as Tensor1D, offset, size), [...shape]),
  );

/** A network's weights from the parts of the vector. */
export const weightsFrom = (parameters: readonly Parameter[], parts: readonly Tensor[]): Weights => {
  const index = new Map(parameters.map(({ name }, i) => [name, parts[i] as Tensor]));
  return {
    has: (name) => index.has(name),
    get: (name) => index.get(name) as Tensor,
  };
};
