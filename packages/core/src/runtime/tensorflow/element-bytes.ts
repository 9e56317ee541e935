import { ElementType } from './binding.js';

const wide: readonly number[] = [ElementType.int64, ElementType.complex64];
const half: readonly number[] = [ElementType.bfloat16, ElementType.float16];
const single: readonly number[] = [ElementType.bool, ElementType.uint8];

/** Bytes that a tensor of a type and shape takes. */
export const bytesOf = (type: number, shape: readonly number[]): number => {
  const width = wide.includes(type) ? 8 : half.includes(type) ? 2 : single.includes(type) ? 1 : 4;
  return shape.reduce((product, side) => product * side, width);
};
