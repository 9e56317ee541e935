import { beforeAll, describe, expect, it } from 'vitest';
import type { Runtime, TensorRecord } from '../../src/contracts/runtime.js';
import { createRuntime } from '../../src/runtime/create-runtime.js';
import { createEagerRuntime } from '../../src/runtime/eager-runtime.js';
import { inPhase } from '../../src/runtime/profile/phases.js';
import { startProfile } from '../../src/runtime/profile/start-profile.js';
import { inSection } from '../../src/runtime/sections.js';
import { type Scalar, type Tensor, type Tensor2D, type Tensor4D, tf } from '../../src/runtime/tf.js';
import { normal } from '../support/random-tensor.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'tensorflow' });
});

/** A convolution, a product and a softmax with their gradient, in two sections. */
const body = ({ x, kernel, w }: TensorRecord) => {
  const total = (input: Tensor): Scalar => {
    const entered = inSection(input as Tensor4D, 'network');
    const filtered = tf.relu(tf.conv2d(entered, kernel as Tensor4D, 1, 'same'));
    const rows = inSection(tf.reshape(filtered, [2, 64]) as Tensor2D, 'head');
    return inSection(tf.sum(tf.square(tf.softmax(tf.matMul(rows, w as Tensor2D)))) as Scalar, 'sum');
  };
  const [gradient] = tf.grads(total)([x as Tensor]);
  return { gradient: gradient as Tensor, total: total(x as Tensor) };
};

const inputs = () => ({
  x: normal([2, 4, 4, 3], 1),
  kernel: normal([3, 3, 3, 4], 2),
  w: normal([64, 5], 3),
});

describe('startProfile', () => {
  it('tells of every op of a recorded function, and computes the same', async () => {
    const compiled = runtime.compile('small', body);
    const given = inputs();
    const plain = await compiled(given);
    const before = runtime.memory();
    const recording = startProfile(runtime);
    tf.dispose(await compiled(given));
    recording.begin();
    const result = await inPhase('phase', 'one', () => compiled(given));
    tf.dispose(tf.add(given.w, 1));
    const profile = recording.stop();

    expect(Array.from(result.gradient.dataSync())).toEqual(Array.from(plain.gradient.dataSync()));
    expect(profile.calls).toMatchObject([{ name: 'small', first: false }]);
    const kinds = new Set(profile.ops.map(({ name }) => name));
    for (const kind of ['Conv2D', 'Conv2DBackpropInput', 'BatchMatMulV2', 'Softmax', 'Relu']) {
      expect(kinds).toContain(kind);
    }
    const [phase] = profile.phases;
    const [call] = profile.calls;
    expect(phase).toMatchObject({ name: 'phase', detail: 'one' });
    if (!phase || !call) throw new Error('there is one of each');
    expect(phase.start).toBeGreaterThanOrEqual(0);
    expect(phase.end).toBeLessThanOrEqual(profile.duration);
    expect(call.start).toBeGreaterThanOrEqual(phase.start);
    expect(call.end).toBeLessThanOrEqual(phase.end);
    for (const op of profile.ops.filter(({ call: name }) => name === 'small')) {
      expect(op.start).toBeGreaterThanOrEqual(call.start - 1);
      expect(op.end).toBeGreaterThanOrEqual(op.start);
      expect(op.end).toBeLessThanOrEqual(call.end + 1);
    }
    const convolution = profile.ops.find(({ name }) => name === 'Conv2D');
    expect(convolution?.outputBytes).toBe(2 * 4 * 4 * 4 * 4);
    expect(convolution?.operations).toBe(2 * (3 * 3 * 3) * (2 * 4 * 4 * 4));
    const product = profile.ops.find(
      ({ node, name }) => name === 'BatchMatMulV2' && node?.startsWith('head/'),
    );
    expect(product?.operations).toBe(2 * 2 * 64 * 5);
    expect(convolution?.allocatedBytes).toBeGreaterThan(0);
    expect(call.peakBytes).toBeGreaterThan(0);
    // The op that ran by itself, and the number that it added.
    expect(profile.ops.filter(({ call: name }) => name === undefined)).toMatchObject([
      { outputBytes: 64 * 5 * 4 },
    ]);
    expect(profile.transfers).toMatchObject([{ name: 'to the back end', bytes: 4 }]);

    tf.dispose(result);
    expect(runtime.memory()).toMatchObject({
      tensors: before.tensors,
      backendTensors: before.backendTensors,
    });
    compiled.dispose();
    tf.dispose([plain, given]);
  });

  it('names the section of an op, and that its gradient is one', async () => {
    const compiled = runtime.compile('sections', body);
    const given = inputs();
    const recording = startProfile(runtime);
    recording.begin();
    tf.dispose(await compiled(given));
    const { calls, ops, phases } = recording.stop();
    expect(calls).toMatchObject([{ first: true }]);
    expect(phases).toMatchObject([{ name: 'recording a graph', detail: 'sections' }]);
    const sectionsOf = (kind: string) =>
      new Set(ops.filter(({ name }) => name === kind).map(({ node }) => node?.split('/')[0]));
    expect(sectionsOf('Conv2D')).toEqual(new Set(['network']));
    expect(sectionsOf('Conv2DBackpropInput')).toEqual(new Set(['network-gradient']));
    expect(sectionsOf('BatchMatMulV2')).toEqual(new Set(['head', 'head-gradient']));
    compiled.dispose();
    tf.dispose(given);
  });

  it('is out of the way before and after', async () => {
    const { binding } = tf.backend() as unknown as { binding: Readonly<Record<string, unknown>> };
    const plain = { ...binding };
    const recording = startProfile(runtime);
    expect(binding.executeOp).not.toBe(plain.executeOp);
    recording.stop();
    expect({ ...binding }).toEqual(plain);
    for (const [name, value] of Object.entries(plain)) expect(binding[name]).toBe(value);
  });

  it('ends with what there was where a function is disposed, or fails, in between', async () => {
    const compiled = runtime.compile('short', ({ x }: { readonly x: Tensor }) => ({ y: tf.exp(x) }));
    const x = normal([4], 1);
    const recording = startProfile(runtime);
    recording.begin();
    tf.dispose(await compiled({ x }));
    compiled.dispose();
    const failing = runtime.compile('failing', ({ a }: { readonly a: Tensor }) => ({
      y: tf.gather(a, tf.tensor1d([9], 'int32')),
    }));
    await expect(failing({ a: x })).rejects.toThrow(/9/);
    failing.dispose();
    expect(recording.stop().calls.map(({ name }) => name)).toEqual(['short']);
    x.dispose();
  });

  it('knows phases only where the back end does not tell', async () => {
    const recording = startProfile(createEagerRuntime('cpu'));
    await inPhase('too early', undefined, async () => {});
    recording.begin();
    await inPhase('sampling', 'step 2', async () => {});
    const profile = recording.stop();
    expect(profile).toMatchObject({ detailed: false, ops: [], calls: [] });
    expect(profile.phases).toMatchObject([{ name: 'sampling', detail: 'step 2' }]);
    await inPhase('too late', undefined, async () => {});
    expect(profile.phases).toHaveLength(1);
  });
});
