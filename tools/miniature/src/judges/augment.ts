import type { RandomSource } from '../data/random-source.js';
import { side } from './judge-scenes.js';

/** How a picture was moved: `x' = x + shiftX`, after mirroring if it was mirrored; in pixels. */
export interface Movement {
  readonly mirrored: boolean;
  readonly shiftX: number;
  readonly shiftY: number;
}

/** Which of the changes a picture may get; those left out suit a network that has to tell them apart. */
export interface AugmentOptions {
  /** Blur, noise and colour. @default true */
  readonly photometric?: boolean;
}

const clampIndex = (index: number): number => Math.min(side - 1, Math.max(0, index));

// Standard normal numbers, drawn once: a picture's noise is a stretch of them from a random place on.
const noisePool = (() => {
  const pool = new Float32Array(1 << 18);
  let state = 12345;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  for (let i = 0; i < pool.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    pool[i] = radius * Math.cos(angle);
    pool[i + 1] = radius * Math.sin(angle);
  }
  return pool;
})();

/** Blurs along one axis with a Gaussian kernel, edges repeated. */
const blurAlong = (from: Float32Array, to: Float32Array, kernel: readonly number[], step: number): void => {
  const reach = (kernel.length - 1) / 2;
  const vertical = step !== 3;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = (row * side + column) * 3;
      let [red, green, blue] = [0, 0, 0];
      for (let tap = -reach; tap <= reach; tap++) {
        const near = vertical
          ? (clampIndex(row + tap) * side + column) * 3
          : (row * side + clampIndex(column + tap)) * 3;
        const weight = kernel[tap + reach]!;
        red += weight * from[near]!;
        green += weight * from[near + 1]!;
        blue += weight * from[near + 2]!;
      }
      to[at] = red;
      to[at + 1] = green;
      to[at + 2] = blue;
    }
  }
};

/** Blurs a picture in place; `sigma` in pixels. */
export const blur = (pixels: Float32Array, sigma: number): void => {
  const reach = Math.min(4, Math.ceil(2.5 * sigma));
  const raw = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-(((i - reach) / sigma) ** 2) / 2));
  const total = raw.reduce((sum, value) => sum + value, 0);
  const kernel = raw.map((value) => value / total);
  const between = new Float32Array(pixels.length);
  blurAlong(pixels, between, kernel, 3);
  blurAlong(between, pixels, kernel, side * 3);
};

const move = (bytes: Uint8Array, pixels: Float32Array, { mirrored, shiftX, shiftY }: Movement): void => {
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const across = clampIndex(column - shiftX);
      const from = (clampIndex(row - shiftY) * side + (mirrored ? side - 1 - across : across)) * 3;
      const to = (row * side + column) * 3;
      for (let channel = 0; channel < 3; channel++) pixels[to + channel] = bytes[from + channel]! / 255;
    }
  }
};

/**
 * Writes a picture, changed at random, to `pixels`, `[64, 64, 3]` in `[0, 1]`: moved by up to 3 pixels, mirrored a
 * quarter of the time, contrast, brightness and colour channels scaled a little, and half of the time blurred and half of the time noisy,
 * since what a diffusion model draws is softer than the scenes.
 */
export const augment = (
  bytes: Uint8Array,
  pixels: Float32Array,
  random: RandomSource,
  { photometric = true }: AugmentOptions = {},
): Movement => {
  const movement = {
    mirrored: random.chance(0.25),
    shiftX: random.integer(7) - 3,
    shiftY: random.integer(7) - 3,
  };
  move(bytes, pixels, movement);
  if (!photometric) return movement;
  if (random.chance(0.5)) blur(pixels, random.between(0.3, 1.4));
  const contrast = random.between(0.8, 1.15);
  const brightness = random.between(-0.06, 0.06);
  const gains = [random.between(0.94, 1.06), random.between(0.94, 1.06), random.between(0.94, 1.06)];
  const noise = random.chance(0.5) ? random.between(0, 0.05) : 0;
  const from = random.integer(noisePool.length - pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const value = (pixels[i]! - 0.5) * contrast * gains[i % 3]! + 0.5 + brightness;
    pixels[i] = Math.min(1, Math.max(0, value + noise * noisePool[from + i]!));
  }
  return movement;
};
