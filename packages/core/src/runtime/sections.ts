import type { Tensor } from './tf.js';

type Mark = <T extends Tensor>(x: T, section: string) => T;

let mark: Mark | undefined;

/**
 * Says that what is computed from here on belongs to a section, `decoding` say, which profiles show; and that its gradient
 * begins where the gradient passes the next mark, and ends where it passes this one. Returns `x`; where no graph is
 * recorded, it does nothing.
 */
export function inSection<T extends Tensor>(x: T, section: string): T {
  return mark ? mark(x, section) : x;
}

/**
 * Sets what `inSection` does.
 * @returns What it did before, to set again afterwards.
 */
export function setSections(hook: Mark | undefined): Mark | undefined {
  const previous = mark;
  mark = hook;
  return previous;
}
