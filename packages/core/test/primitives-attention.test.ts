import { afterEach, expect, it } from 'vitest';
import { type AttentionOptions, attention } from '../src/primitives/attention.js';
import { chunkedAttention } from '../src/primitives/chunked-attention.js';
import { setOrdering } from '../src/runtime/ordering.js';
import { type Tensor, type Tensor3D, tf } from '../src/runtime/tf.js';
import { describeOnBackends } from './support/backends.js';
import { buffersMade } from './support/buffers-made.js';
import { checkPrimitive } from './support/check-primitive.js';
import { expectClose } from './support/close.js';
import { countKernel } from './support/kernels.js';
import { normal } from './support/random-tensor.js';

type Attend = (q: Tensor, k: Tensor, v: Tensor) => Tensor;

const attend =
  (options: AttentionOptions, budget = 2 ** 23): Attend =>
  (q, k, v) =>
    chunkedAttention(q as Tensor3D, k as Tensor3D, v as Tensor3D, options, budget);

/** One head at a time, in the terms of the definition. */
const plain =
  ({ heads, causal = false, scale }: AttentionOptions): Attend =>
  (q, k, v) => {
    // Not tf.split: its gradient fails for one part.
    const head = (x: Tensor, i: number): Tensor3D => {
      const [n, t, width] = x.shape as [number, number, number];
      return tf.slice(x as Tensor3D, [0, 0, (i * width) / heads], [n, t, width / heads]);
    };
    const parts = Array.from({ length: heads }, (_, i) => {
      const [qHead, kHead, vHead] = [head(q, i), head(k, i), head(v, i)];
      const factor = scale ?? 1 / Math.sqrt(kHead.shape[2]);
      const logits = tf.mul(tf.matMul(qHead, kHead, false, true), factor);
      const [tq, tk] = [q.shape[1] as number, k.shape[1] as number];
      const seen = tf.buffer([tq, tk]);
      for (let a = 0; a < tq; a++)
        for (let b = 0; b <= (causal ? a : tk - 1); b++) if (b < tk) seen.set(1, a, b);
      const weights = tf.mul(tf.exp(logits), seen.toTensor());
      return tf.matMul(tf.div(weights, tf.sum(weights, 2, true)) as Tensor3D, vHead);
    });
    return tf.concat(parts, 2);
  };

describeOnBackends('attention', (backend) => {
  afterEach(() => {
    setOrdering(undefined);
  });

  it.each([
    ['self-attention', { heads: 2 }, [2, 5, 6], [2, 5, 6], [2, 5, 6]],
    ['cross-attention', { heads: 2 }, [2, 5, 6], [2, 3, 6], [2, 3, 4]],
    ['one head', { heads: 1 }, [2, 4, 3], [2, 5, 3], [2, 5, 2]],
    ['causal', { heads: 2, causal: true }, [2, 5, 4], [2, 5, 4], [2, 5, 4]],
    ['another scale', { heads: 2, scale: 0.3 }, [1, 4, 4], [1, 4, 4], [1, 4, 4]],
  ] as const)('%s is softmax(s q kᵀ) v in each head', (_, options, q, k, v) => {
    checkPrimitive(attend(options), plain(options), [q, k, v]);
  });

  it.each([
    ['one query', 1],
    ['two queries', 2 * 2 * 2 * 6],
    ['five queries', 5 * 2 * 2 * 6],
  ])('gives the same in chunks of %s', (_, budget) => {
    for (const causal of [false, true]) {
      const options = { heads: 2, causal };
      checkPrimitive(attend(options, budget), plain(options), [
        [2, 7, 4],
        [2, 6, 4],
        [2, 6, 4],
      ]);
    }
  });

  it('takes q, k and v from one tensor', () => {
    const options = { heads: 2 };
    checkPrimitive(
      (x) => attend(options)(x, x, x),
      (x) => plain(options)(x, x, x),
      [[2, 4, 6]],
    );
  });

  it('never holds more probabilities than its budget', () => {
    const [heads, tokens] = [2, 64];
    const inputs = [1, 2, 3].map((seed) => normal<Tensor3D>([1, tokens, 8], seed));
    const peak = (budget: number): number => {
      // Every kernel's outputs pass through the engine: its largest one is the probabilities of a chunk.
      let largest = 0;
      const engine = tf.engine() as unknown as { makeTensorFromTensorInfo: (info: Tensor) => Tensor };
      const original = engine.makeTensorFromTensorInfo;
      engine.makeTensorFromTensorInfo = function (this: unknown, ...parameters) {
        const tensor = original.apply(this, parameters);
        largest = Math.max(largest, tensor.size);
        return tensor;
      };
      try {
        tf.tidy(() => {
          tf.grads((...xs: Tensor[]) =>
            tf.sum(attend({ heads }, budget)(...(xs as [Tensor, Tensor, Tensor]))),
          )(inputs);
        });
      } finally {
        engine.makeTensorFromTensorInfo = original;
      }
      return largest;
    };
    expect(peak(2 ** 23)).toBe(heads * tokens * tokens);
    expect(peak(heads * tokens * 8)).toBe(heads * tokens * 8);
    tf.dispose(inputs);
  });

  // The wasm back end copies what is kept.
  if (backend === 'cpu')
    it('keeps for the gradient its inputs and its result, no probabilities', () => {
      const inputs = [1, 2, 3].map((seed) => normal<Tensor3D>([1, 64, 8], seed)) as [
        Tensor3D,
        Tensor3D,
        Tensor3D,
      ];
      const made = buffersMade(() => attend({ heads: 2 })(...inputs), inputs);
      expect(made).toEqual({ buffers: 1, bytes: 64 * 8 * 4 });
      tf.dispose(inputs);
    });

  it('orders its chunks, and the recomputation after the gradient', () => {
    const waits: [Tensor, Tensor][] = [];
    setOrdering((x, dependency) => {
      waits.push([x, dependency]);
      return x;
    });
    const inputs = [1, 2, 3].map((seed) => normal<Tensor3D>([1, 6, 4], seed));
    const whole = attend({ heads: 2 });
    tf.tidy(() => whole(...(inputs as [Tensor, Tensor, Tensor])));
    expect(waits).toHaveLength(0);
    const halves = attend({ heads: 2 }, 3 * 2 * 6);
    tf.tidy(() => halves(...(inputs as [Tensor, Tensor, Tensor])));
    expect(waits).toHaveLength(1); // the second chunk waits for the first
    waits.length = 0;
    tf.tidy(() => tf.grads((...xs: Tensor[]) => tf.sum(halves(...(xs as [Tensor, Tensor, Tensor]))))(inputs));
    // Forward 1; backward q, k and v wait for dy, and the second chunk of q and dy for dq, dk and dv of the first.
    expect(waits).toHaveLength(1 + 3 + 2 * 3);
    tf.dispose(inputs);
  });

  it('does not let a causal query see what comes after it', () => {
    const [q, k, v] = [1, 2, 3].map((seed) => normal<Tensor3D>([1, 5, 4], seed)) as [
      Tensor3D,
      Tensor3D,
      Tensor3D,
    ];
    const other = tf.concat(
      [tf.slice(k, [0, 0, 0], [1, 3, 4]), normal<Tensor3D>([1, 2, 4], 9)],
      1,
    ) as Tensor3D;
    const first = (keys: Tensor3D): Tensor =>
      tf.slice(attention(q, keys, v, { heads: 2, causal: true }), [0, 0, 0], [1, 3, 4]);
    expectClose(first(other), first(k), 1e-7);
  });

  it('gives a lone key all the weight, and stays finite for large products', () => {
    const v = normal<Tensor3D>([1, 1, 4], 3);
    const q = tf.mul(normal<Tensor3D>([1, 2, 4], 1), 1e4) as Tensor3D;
    expectClose(attention(q, normal<Tensor3D>([1, 1, 4], 2), v, { heads: 2 }), tf.tile(v, [1, 2, 1]), 1e-6);
    const keys = normal<Tensor3D>([1, 3, 4], 2);
    const gradient = tf.grad((t: Tensor) =>
      tf.sum(attention(t as Tensor3D, keys, normal([1, 3, 4], 5), { heads: 2 })),
    )(q);
    expect(Array.from(gradient.dataSync()).every(Number.isFinite)).toBe(true);
  });

  it('multiplies no more matrices than it must', async () => {
    const inputs = [1, 2, 3].map((seed) => normal<Tensor3D>([1, 6, 4], seed)) as [
      Tensor3D,
      Tensor3D,
      Tensor3D,
    ];
    const products = await countKernel('BatchMatMul', () =>
      tf.grads((...xs: Tensor[]) => tf.sum(attend({ heads: 2 })(...(xs as [Tensor, Tensor, Tensor]))))(
        inputs,
      ),
    );
    expect(products).toBe(2 + 5); // q kᵀ and p v; q kᵀ again, dv, dp, dq and dk
    tf.dispose(inputs);
  });

  it.each([
    ['other batch sizes', 2, [1, 4, 4], [2, 4, 4], [2, 4, 4]],
    ['keys of another width', 2, [1, 4, 4], [1, 4, 6], [1, 4, 4]],
    ['more values than keys', 2, [1, 4, 4], [1, 4, 4], [1, 5, 4]],
    ['heads that do not divide the width', 3, [1, 4, 4], [1, 4, 4], [1, 4, 4]],
    ['images', 2, [1, 2, 2, 4], [1, 4, 4], [1, 4, 4]],
  ] as const)('refuses %s', (_, heads, q, k, v) => {
    const [a, b, c] = [q, k, v].map((shape: readonly number[]) =>
      tf.zeros([...shape] as [number, number, number]),
    ) as [Tensor3D, Tensor3D, Tensor3D];
    expect(() => attention(a, b, c, { heads })).toThrowError(
      expect.objectContaining({ code: 'DRAFT_SHAPE' }),
    );
  });
});
