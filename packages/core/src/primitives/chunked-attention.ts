import { after } from '../runtime/ordering.js';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import type { AttentionOptions } from './attention.js';
import { customGradient } from './custom-gradient.js';
import { requireShape } from './require-shape.js';

/** Queries `from..from + rows - 1`. */
interface Chunk {
  readonly from: number;
  readonly rows: number;
}

/**
 * Attention in chunks of queries.
 * @param budget How many probabilities may exist at a time; one row of all heads at least.
 */
export function chunkedAttention(
  q: Tensor3D,
  k: Tensor3D,
  v: Tensor3D,
  options: AttentionOptions,
  budget: number,
): Tensor3D {
  const { heads, causal = false } = options;
  requireAttention(q, k, v, heads);
  const scale = options.scale ?? 1 / Math.sqrt(q.shape[2] / heads);
  const [batch, queries] = q.shape;
  const keys = k.shape[1];
  const chunks = inChunks(queries, Math.floor(budget / (batch * heads * keys)));

  /** `softmax(q kᵀ)` of a chunk of scaled queries. */
  const probabilities = (part: Tensor4D, kHeads: Tensor4D, { from, rows }: Chunk): Tensor4D => {
    const products: Tensor = tf.matMul(part, kHeads, false, true); // [n, heads, rows, tk]
    const seen = causal ? tf.add(products, causalMask(from, rows, keys)) : products;
    return tf.softmax(seen as Tensor4D);
  };

  return customGradient(
    { q, k, v },
    (save) => {
      const qHeads = scaled(splitHeads(q, heads), scale); // [n, heads, tq, d]
      const kHeads = splitHeads(k, heads); // [n, heads, tk, d]
      const vHeads = splitHeads(v, heads); // [n, heads, tk, dv]
      const parts: Tensor4D[] = [];
      for (const chunk of chunks) {
        const part = tf.tidy(() => {
          const rows = afterAll(chunkOf(qHeads, chunk, queries), parts.slice(-1));
          return tf.matMul(probabilities(rows, kHeads, chunk), vHeads) as Tensor4D;
        });
        parts.push(part);
      }
      const o = mergeHeads(joined(parts)); // [n, tq, heads · dv]
      save([q, k, v, o]);
      return o;
    },
    (dy, saved) => {
      const [dq, dk, dv] = tf.tidy(() => {
        const [savedQ, savedK, savedV, savedO] = saved as [Tensor3D, Tensor3D, Tensor3D, Tensor3D];
        const qHeads = scaled(splitHeads(after(savedQ, dy), heads), scale);
        const kHeads = splitHeads(after(savedK, dy), heads);
        const vHeads = splitHeads(after(savedV, dy), heads);
        const dHeads = splitHeads(dy, heads); // [n, heads, tq, dv]
        const dot = rowDots(dy, savedO, heads); // [n, heads, tq, 1]
        const dqParts: Tensor4D[] = [];
        let sums: Tensor4D[] = []; // of dk and dv
        for (const chunk of chunks) {
          const [dqPart, ...next] = tf.tidy(() => {
            // Both products of the chunk wait, else those with the values all run at once.
            const before = [...dqParts.slice(-1), ...sums];
            const rows = afterAll(chunkOf(qHeads, chunk, queries), before);
            const dRows = afterAll(chunkOf(dHeads, chunk, queries), before);
            const p = probabilities(rows, kHeads, chunk); // [n, heads, rows, tk]
            const dp: Tensor = tf.matMul(dRows, vHeads, false, true);
            const ds = tf.mul(p, tf.sub(dp, chunkOf(dot, chunk, queries))) as Tensor4D;
            const parts = [tf.matMul(ds, rows, true, false), tf.matMul(p, dRows, true, false)] as const;
            const added = parts.map((part, i) => (sums[i] ? tf.add(sums[i], part) : part) as Tensor4D);
            return [tf.matMul(ds, kHeads), ...added];
          }) as [Tensor4D, Tensor4D, Tensor4D];
          tf.dispose(sums);
          dqParts.push(dqPart);
          sums = next;
        }
        const [dkSum, dvSum] = sums as [Tensor4D, Tensor4D];
        return [scaled(mergeHeads(joined(dqParts)), scale), mergeHeads(dkSum), mergeHeads(dvSum)];
      }) as [Tensor, Tensor, Tensor];
      return { q: () => dq, k: () => dk, v: () => dv };
    },
  );
}

function scaled<T extends Tensor>(x: T, factor: number): T {
  return tf.mul(x, factor) as T;
}

/** Equal parts of at most `limit` rows, the last one shorter if need be. */
function inChunks(total: number, limit: number): readonly Chunk[] {
  const count = Math.ceil(total / Math.max(1, limit));
  const rows = Math.ceil(total / count);
  return Array.from({ length: Math.ceil(total / rows) }, (_, i) => ({
    from: i * rows,
    rows: Math.min(rows, total - i * rows),
  }));
}

function chunkOf(x: Tensor4D, { from, rows }: Chunk, total: number): Tensor4D {
  return rows === total ? x : tf.slice(x, [0, 0, from, 0], [-1, -1, rows, -1]);
}

function joined(parts: Tensor4D[]): Tensor4D {
  return parts.length === 1 ? (parts[0] as Tensor4D) : tf.concat(parts, 2);
}

function afterAll(x: Tensor4D, dependencies: readonly Tensor[]): Tensor4D {
  return dependencies.reduce<Tensor4D>((ordered, dependency) => after(ordered, dependency), x);
}

function splitHeads(x: Tensor3D, heads: number): Tensor4D {
  const [batch, tokens, width] = x.shape;
  if (heads === 1) return tf.reshape(x, [batch, 1, tokens, width]);
  return tf.transpose(tf.reshape(x, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
}

function mergeHeads(x: Tensor4D): Tensor3D {
  const [batch, heads, tokens, width] = x.shape;
  const byToken = heads === 1 ? x : tf.transpose(x, [0, 2, 1, 3]);
  return tf.reshape(byToken, [batch, tokens, heads * width]);
}

/** `Σ dy · o` of each query and head, which is also `Σ p · dp`: the softmax's part of the gradient. */
function rowDots(dy: Tensor3D, o: Tensor3D, heads: number): Tensor4D {
  const [batch, tokens, width] = o.shape;
  const products = tf.reshape(tf.mul(dy, o), [batch, tokens, heads, width / heads]);
  return tf.transpose(tf.sum(products, 3, true), [0, 2, 1, 3]);
}

/** 0 where query `from + i` may see key `j`, and as good as −∞ where `j` lies after it. `[rows, tk]`. */
function causalMask(from: number, rows: number, keys: number): Tensor {
  const mask = new Float32Array(rows * keys);
  for (let i = 0; i < rows; i++)
    mask.fill(-1e9, Math.min(i * keys + from + i + 1, (i + 1) * keys), (i + 1) * keys);
  return tf.tensor(mask, [rows, keys]);
}

/** Refuses shapes that do not fit. */
export function requireAttention(q: Tensor3D, k: Tensor3D, v: Tensor3D, heads: number): void {
  const shapes = (): string => `q [${q.shape}], k [${k.shape}] and v [${v.shape}]`;
  requireShape(
    q.rank === 3 && k.rank === 3 && v.rank === 3 && q.shape[0] === k.shape[0] && q.shape[0] === v.shape[0],
    () => `Attention takes q [n, tq, c], k [n, tk, c] and v [n, tk, cv] of one batch size, not ${shapes()}.`,
  );
  requireShape(
    q.shape[2] === k.shape[2] && k.shape[1] === v.shape[1],
    () => `Attention needs q and k of one width, and as many values as keys, not ${shapes()}.`,
  );
  requireShape(
    Number.isInteger(heads) && heads > 0 && q.shape[2] % heads === 0 && v.shape[2] % heads === 0,
    () =>
      `Attention cannot split ${shapes()} into ${heads} heads: the number of heads must divide the widths.`,
  );
}
