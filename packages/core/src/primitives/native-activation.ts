import type { Tensor } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { activationNumber, runNative } from './native.js';

/** An activation by our own kernels, one op each way. */
export function nativeActivation<T extends Tensor>(x: T, name: keyof typeof activationNumber): T {
  const attributes = { integers: { activation: activationNumber[name] } };
  return customGradient(
    { x },
    (save) => {
      save([x]);
      return runNative('DraftActivation', [x], attributes)[0] as T;
    },
    (dy, [saved]) => ({
      x: () => runNative('DraftActivationGradient', [dy, saved as Tensor], attributes)[0] as Tensor,
    }),
  );
}

/** A gated GELU likewise. */
export function nativeGeglu<T extends Tensor>(x: T): T {
  return customGradient(
    { x },
    (save) => {
      save([x]);
      return runNative('DraftGatedGelu', [x], {})[0] as T;
    },
    (dy, [saved]) => ({
      x: () => runNative('DraftGatedGeluGradient', [dy, saved as Tensor], {})[0] as Tensor,
    }),
  );
}
