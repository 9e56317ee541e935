import type { Tensor3D } from '../runtime/tf.js';
import { chunkedAttention, requireAttention } from './chunked-attention.js';
import { hasNativeKernels } from './native.js';
import { nativeAttention } from './native-attention.js';

/** How queries meet keys. */
export interface AttentionOptions {
  /** Number of heads; divides the widths. */
  readonly heads: number;
  /** Whether a query sees only keys at its own position and before. @default false */
  readonly causal?: boolean;
  /** Factor of the products of queries and keys. @default 1/√d */
  readonly scale?: number;
}

/** Probabilities held at a time: 16 MiB, below the size at which a C library returns memory at each release. */
const probabilitiesAtATime = 4 * 2 ** 20;

/**
 * Multi-head attention, `softmax(s q kᵀ) v` in each head, differentiable in `q`, `k` and `v`. Keeps no
 * probabilities for the gradient: they are computed again, and both passes take the queries in chunks so that at
 * most 16 MiB of probabilities exist at a time. References: Vaswani et al., 2017; the gradient as in Dao et al.,
 * FlashAttention, 2022, appendix B.
 * @param q `[n, tq, heads · d]`.
 * @param k `[n, tk, heads · d]`.
 * @param v `[n, tk, heads · dv]`.
 * @returns `[n, tq, heads · dv]`.
 * @throws DraftError `DRAFT_SHAPE` where shapes do not fit.
 */
export function attention(q: Tensor3D, k: Tensor3D, v: Tensor3D, options: AttentionOptions): Tensor3D {
  if (!hasNativeKernels()) return chunkedAttention(q, k, v, options, probabilitiesAtATime);
  const { heads, causal = false, scale = 1 / Math.sqrt(q.shape[2] / heads) } = options;
  requireAttention(q, k, v, heads);
  return nativeAttention(q, k, v, { heads, causal, scale });
}
