import {
  adaptersFrom,
  type CompiledFunction,
  type EstimatorSetup,
  guidedNoise,
  type Scalar,
  samplingFrom,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  type TensorRecord,
  tf,
  trainedNames,
  unpackCoefficients,
} from '@draft/core';

/** The identity, without gradient. */
const detached = (x: Tensor): Tensor =>
  tf.customGrad((value) => ({
    value: tf.mul(value as Tensor, 1),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(x);

/**
 * `log π(x_next | x)` of each sample, up to a constant: `−mean((x_next − μ)²) / 2c²` with `μ = a·x + b·ε`. The mean over
 * the latent's numbers stands for their sum, as in the authors' code, so that the ratio's scale does not depend on the
 * size of the picture.
 * @returns `[n]`.
 */
const logProbability = (next: Tensor, mean: Tensor, deviation: Scalar): Tensor1D =>
  tf.div(tf.mean(tf.square(tf.sub(next, mean)), [1, 2, 3]), tf.mul(-2, tf.square(deviation)));

/**
 * Makes the taped call of one step. With the importance ratio `ρ = π_θ / π_old` and the advantage `A` it differentiates
 *
 * `Σ_i min(ρ_i A_i, clip(ρ_i, 1 − clipRange, 1 + clipRange) A_i)`.
 *
 * Inputs: `latents` and `next` `[n, h, w, c]`, `advantages` `[n]`, `context`, `coefficients`, the adapters, what guides
 * sampling where that is learnt, and `old` `[n]`, the log-probabilities at the time of sampling. Without `old` the adapters are those of the sampling, and the
 * ratio is exactly 1.
 *
 * It returns `logProbability` and `ratio` `[n]`, and the gradient in each trained tensor.
 * @see {@link https://arxiv.org/abs/2305.13301} section 4.3
 */
export const compileSurrogateGradient = (
  {
    runtime,
    model,
    guidance,
    adapters: structure,
    train,
  }: Pick<EstimatorSetup, 'runtime' | 'model' | 'guidance' | 'adapters' | 'train'>,
  clipRange: number,
): CompiledFunction<TensorRecord, TensorRecord> =>
  runtime.compile('ddpo-step', (inputs: TensorRecord) => {
    const x = inputs.latents as Tensor4D;
    const names = trainedNames(structure, inputs, train);
    const k = unpackCoefficients(inputs.coefficients as Tensor);
    let seen: { readonly logProbability: Tensor; readonly ratio: Tensor } | undefined;

    const surrogate = (...variables: Tensor[]): Scalar => {
      const replaced = Object.fromEntries(names.map((name, i) => [name, variables[i] as Tensor]));
      const record = { ...inputs, ...replaced };
      const noise = guidedNoise(
        model,
        tf.mul(x, k.inputScale),
        k.timestep,
        inputs.context as Tensor3D,
        guidance,
        adaptersFrom(record, structure),
        samplingFrom(record),
      );
      const mean = tf.add(tf.mul(k.a, x), tf.mul(k.b, noise));
      const now = logProbability(inputs.next as Tensor, mean, k.c);
      const ratio = tf.exp(tf.sub(now, inputs.old ?? detached(now)));
      // Only gradients survive the end of the tape by themselves.
      seen = { logProbability: tf.keep(now), ratio: tf.keep(ratio) };
      const clipped = tf.clipByValue(ratio, 1 - clipRange, 1 + clipRange);
      const advantages = inputs.advantages as Tensor;
      return tf.sum(tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages)));
    };
    const gradients = tf.grads(surrogate)(names.map((name) => inputs[name] as Tensor));
    return {
      ...(seen as NonNullable<typeof seen>),
      ...Object.fromEntries(names.map((name, i) => [name, gradients[i] as Tensor])),
    };
  });
