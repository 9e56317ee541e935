import { type NoiseSchedule, type Tensor, type Tensor4D, tf } from '@draft/core';

/** Turns a network's output into the noise ε that it stands for. */
export interface NoisePrediction {
  /**
   * Plain tensor code, differentiable in `output` and `latents`; the timestep's value is not read.
   * @param latents What the network saw, `[n, h, w, c]`.
   * @param timestep Scalar, or `[n]` where each sample has a timestep of its own.
   */
  noise(output: Tensor4D, latents: Tensor4D, timestep: Tensor): Tensor4D;
  /** Frees the table of noise levels; calling it twice is harmless. */
  dispose(): void;
}

/**
 * `ε` is the output itself, or `√ᾱ_t v + √(1−ᾱ_t) x_t` of a velocity `v`. A timestep between two integers has a
 * noise level `σ = √((1−ᾱ)/ᾱ)` between theirs, as the samplers have it: `√ᾱ = 1/√(1+σ²)`, `√(1−ᾱ) = σ/√(1+σ²)`.
 * @see Salimans and Ho 2022, Progressive Distillation for Fast Sampling of Diffusion Models, appendix D
 */
export function createNoisePrediction(schedule: NoiseSchedule): NoisePrediction {
  if (schedule.predictionType === 'epsilon') return { noise: (output) => output, dispose: () => {} };
  const last = schedule.alphasCumprod.length - 1;
  const sigmas = tf.keep(
    tf.tensor1d(Float32Array.from(schedule.alphasCumprod, (a) => Math.sqrt((1 - a) / a))),
  );
  return {
    noise(output, latents, timestep) {
      const place = tf.clipByValue(tf.reshape(tf.cast(timestep, 'float32'), [-1]), 0, last);
      const below = tf.floor(place);
      const above = tf.minimum(tf.add(below, 1), last);
      const at = (index: Tensor) => tf.gather(sigmas, tf.cast(index, 'int32')); // [1 or n]
      const level = tf.add(at(below), tf.mul(tf.sub(place, below), tf.sub(at(above), at(below))));
      const sigma = tf.reshape(level, [-1, 1, 1, 1]);
      const signal = tf.rsqrt(tf.add(1, tf.square(sigma)));
      return tf.add(tf.mul(output, signal), tf.mul(latents, tf.mul(sigma, signal)));
    },
    dispose() {
      if (!sigmas.isDisposed) sigmas.dispose();
    },
  };
}
