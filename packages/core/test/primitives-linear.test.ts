import { expect, it } from 'vitest';
import { linear } from '../src/primitives/linear.js';
import { hasNativeKernels } from '../src/primitives/native.js';
import { type Tensor, type Tensor2D, tf } from '../src/runtime/tf.js';
import { describeOnBackends } from './support/backends.js';
import { checkPrimitive } from './support/check-primitive.js';
import { expectClose } from './support/close.js';
import { countKernel, countOp } from './support/kernels.js';
import { normal } from './support/random-tensor.js';

const rowsOf = (x: Tensor): Tensor2D => tf.reshape(x, [-1, x.shape[x.rank - 1] as number]);
const product = (x: Tensor, w: Tensor): Tensor => tf.matMul(rowsOf(x), w as Tensor2D, false, true);

describeOnBackends('linear', () => {
  it('is W x + b', () => {
    const plain = (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
      tf.reshape(tf.add(product(x, weight), bias), [2, 5, 4]);
    checkPrimitive((x, weight, bias) => linear(x, { weight, bias }), plain, [[2, 5, 6], [4, 6], [4]]);
  });

  it('works without a bias, on vectors and on images', () => {
    const apply = (x: Tensor, weight: Tensor): Tensor => linear(x, { weight });
    checkPrimitive(apply, (x, w) => product(x, w), [
      [3, 6],
      [4, 6],
    ]);
    checkPrimitive(apply, (x, w) => tf.reshape(product(x, w), [4]), [[6], [4, 6]]);
    checkPrimitive(apply, (x, w) => tf.reshape(product(x, w), [2, 3, 3, 4]), [
      [2, 3, 3, 6],
      [4, 6],
    ]);
  });

  it('adds the low-rank updates of all adapters', () => {
    const scales = [0.7, -1.5];
    const plain = (x: Tensor, weight: Tensor, bias: Tensor, ...parts: Tensor[]): Tensor => {
      const [down0, up0, down1, up1] = parts as [Tensor, Tensor, Tensor, Tensor];
      const updates = [
        [down0, up0, scales[0]],
        [down1, up1, scales[1]],
      ] as const;
      const merged = updates.reduce<Tensor>(
        (sum, [down, up, scale]) =>
          tf.add(sum, tf.mul(tf.matMul(up as Tensor2D, down as Tensor2D), scale as number)),
        weight,
      );
      return tf.reshape(tf.add(product(x, merged), bias), [2, 5, 4]);
    };
    const adapted = (x: Tensor, weight: Tensor, bias: Tensor, ...parts: Tensor[]): Tensor => {
      const [down0, up0, down1, up1] = parts as [Tensor, Tensor, Tensor, Tensor];
      return linear(x, { weight, bias }, [
        { down: down0, up: up0, scale: scales[0] as number },
        { down: down1, up: up1, scale: scales[1] as number },
      ]);
    };
    checkPrimitive(adapted, plain, [[2, 5, 6], [4, 6], [4], [2, 6], [4, 2], [3, 6], [4, 3]]);
  });

  it('an adapter whose `up` is zero changes nothing but has a gradient', () => {
    const [x, weight, down] = [normal([3, 6], 1), normal([4, 6], 2), normal([2, 6], 3)];
    const up = tf.zeros([4, 2]);
    const adapted = (b: Tensor): Tensor => linear(x, { weight }, [{ down, up: b, scale: 2 }]);
    expectClose(adapted(up), linear(x, { weight }), 1e-7);
    const gradient = tf.grad((b: Tensor) => tf.sum(adapted(b)))(up);
    const low = tf.sum(tf.matMul(x as Tensor2D, down as Tensor2D, false, true), 0); // Σ rows of A x
    expectClose(gradient, tf.tile(tf.expandDims(tf.mul(low, 2), 0), [4, 1]));
  });

  it('spends nothing on the gradients of frozen weights', async () => {
    const [x, weight, bias, down, up] = [[3, 6], [4, 6], [4], [2, 6], [4, 2]].map(normal) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const count = async (f: (t: Tensor) => Tensor, at: Tensor): Promise<number> => {
      const gradient = () => tf.grad((t: Tensor) => tf.sum(f(t)))(at);
      const native = ['DraftProduct', 'DraftOuterProduct'].map((op) =>
        hasNativeKernels() ? countOp(op, gradient) : 0,
      );
      return (await countKernel('BatchMatMul', gradient)) + native.reduce((sum, part) => sum + part, 0);
    };
    expect(await count((t) => linear(t, { weight, bias }), x)).toBe(2);
    expect(await count((t) => linear(x, { weight: t, bias }), weight)).toBe(2);
    expect(await count((t) => linear(x, { weight, bias: t }), bias)).toBe(1);
    const adapter = { down, up, scale: 1 };
    // Three products forward, two of them in one where kernels are ours; back through `up`, then one for the gradient of `down`.
    const together = hasNativeKernels() ? 1 : 0;
    const ofDown = await count((t) => linear(x, { weight, bias }, [{ ...adapter, down: t }]), down);
    expect(ofDown).toBe(5 - together);
    expect(await count((t) => linear(t, { weight, bias }, [adapter]), x)).toBe(6 - 2 * together);
  });

  it.each([
    ['a weight of another width', [3, 5], [4, 6], [4], [2, 6], [4, 2]],
    ['a bias of another size', [3, 6], [4, 6], [5], [2, 6], [4, 2]],
    ['an adapter of another width', [3, 6], [4, 6], [4], [2, 5], [4, 2]],
    ['an adapter of two ranks', [3, 6], [4, 6], [4], [2, 6], [4, 3]],
  ] as const)('refuses %s', (_, x, weight, bias, down, up) => {
    const adapter = { down: tf.zeros([...down]), up: tf.zeros([...up]), scale: 1 };
    expect(() =>
      linear(tf.zeros([...x]), { weight: tf.zeros([...weight]), bias: tf.zeros([...bias]) }, [adapter]),
    ).toThrowError(expect.objectContaining({ code: 'DRAFT_SHAPE' }));
  });
});
