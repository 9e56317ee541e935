import { torchNormal } from './torch-generator.js';

/** Initial latents of a sampling chain. */
export interface InitialNoise {
  /** `[n, height, width, channels]`. */
  readonly shape: readonly [number, number, number, number];
  readonly data: Float32Array<ArrayBuffer>;
}

/** Numbers of `[n, channels, height, width]` in the order of `[n, height, width, channels]`. */
export function channelsLast(data: ArrayLike<number>, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const [n = 0, channels = 0, height = 0, width = 0] = shape;
  const area = height * width;
  const result = new Float32Array(data.length);
  for (let image = 0, to = 0; image < n; image++) {
    for (let pixel = 0; pixel < area; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        result[to++] = data[(image * channels + channel) * area + pixel]!;
      }
    }
  }
  return result;
}

/**
 * The noise that diffusers starts from with `generator=torch.Generator().manual_seed(seed)` on the CPU, so that
 * a seed gives the same picture here and there.
 * @param shape `[n, channels, height, width]` of the latents, the order in which PyTorch draws.
 * @returns The same numbers with the channels last.
 */
export function initialNoise(
  seed: number | bigint,
  shape: readonly [number, number, number, number],
): InitialNoise {
  const [n, channels, height, width] = shape;
  const numbers = torchNormal(seed, n * channels * height * width);
  return { shape: [n, height, width, channels], data: channelsLast(numbers, shape) };
}
