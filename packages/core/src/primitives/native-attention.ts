import type { Tensor3D } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { runNative } from './native.js';

/** Attention by our own kernels, which go over keys in blocks and keep the logarithm of each query's sum alone. */
export function nativeAttention(
  q: Tensor3D,
  k: Tensor3D,
  v: Tensor3D,
  { heads, scale, causal }: { readonly heads: number; readonly scale: number; readonly causal: boolean },
): Tensor3D {
  const attributes = { integers: { heads }, floats: { scale }, flags: { causal } };
  return customGradient(
    { q, k, v },
    (save) => {
      const [out, logs] = runNative('DraftAttention', [q, k, v], attributes, 2) as [Tensor3D, Tensor3D];
      save([q, k, v, out, logs]);
      return out;
    },
    (dy, saved) => {
      const [savedQ, savedK, savedV, out, logs] = saved as [Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D];
      const operands = [savedQ, savedK, savedV, out, dy, logs];
      const [dq, dk, dv] = runNative('DraftAttentionGradient', operands, attributes, 3) as [
        Tensor3D,
        Tensor3D,
        Tensor3D,
      ];
      return { q: () => dq, k: () => dk, v: () => dv };
    },
  );
}
