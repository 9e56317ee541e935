import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By how much of its size JavaScript's heap may grow before garbage is collected, in percent. */
const growth = 10;

/**
 * Collects JavaScript's garbage, and keeps its heap from growing to several times what is used in it. Left alone, V8 lets it: a
 * long run that needs the same memory in each iteration would hold up to a third more at one time than at another. Collections are
 * rare all the same, since an iteration leaves a few hundred kilobytes. Meant for after loading and recording, which leave much.
 */
export const steadyHeap = (): void => {
  setFlagsFromString(`--heap-growing-percent=${growth}`);
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};
