import type { Tensor } from './tf.js';

type Order = <T extends Tensor>(x: T, dependency: Tensor) => T;

let order: Order | undefined;

/**
 * Says that what is computed from the result must wait for `dependency`, so that large intermediates of
 * independent parts do not live side by side. Returns `x`; eager back ends compute in program order anyway, so
 * without a hook it does nothing. No gradient passes through the dependency.
 */
export function after<T extends Tensor>(x: T, dependency: Tensor): T {
  return order ? order(x, dependency) : x;
}

/**
 * Sets what `after` does; a runtime that records graphs turns it into a control dependency.
 * @returns The hook that was set before, to set again afterwards.
 */
export function setOrdering(hook: Order | undefined): Order | undefined {
  const previous = order;
  order = hook;
  return previous;
}
