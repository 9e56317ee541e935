import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomSource, createRuntime, type Runtime, type Tensor, type Tensor4D, tf } from '@draft/core';
import {
  cutGraph,
  depthwiseConv2d,
  legacyResize,
  loadDetector,
  loadGraphModel,
  parseGraphModel,
  readConstants,
} from '@draft/reward-coco-ssd';
import { io, loadGraphModel as loadInTfjs, type GraphModel as TfjsGraph } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildSmallSsd, smallSize, writeSmallSsd } from './support/small-ssd.js';

const cut = { from: 'Preprocessor/map/TensorArrayStack/TensorArrayGatherV3', to: 'Postprocessor/Slice' };
const root = mkdtempSync(join(tmpdir(), 'draft-coco-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'cpu', computeType: 'float32' });
});

const pictures = (shape: [number, number, number, number], seed = 3): Tensor4D => {
  const random = createRandomSource(seed);
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => random.uniform()),
    shape,
  );
};

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const difference = (a: Tensor, b: Tensor): number =>
  tf.tidy(() => largest(tf.sub(a, b).dataSync()) / largest(b.dataSync()));

describe('the cut graph', () => {
  const small = buildSmallSsd();
  const ours = () => {
    const graph = parseGraphModel(
      { modelTopology: small.topology, weightsManifest: [{ paths: ['x'], weights: small.weights }] },
      'small',
    );
    return cutGraph(graph, readConstants(graph, [small.bytes], 'small'), cut, 'small');
  };
  let theirs: TfjsGraph;
  beforeAll(async () => {
    theirs = await loadInTfjs(
      io.fromMemory({
        modelTopology: small.topology as never,
        weightSpecs: small.weights as never,
        weightData: small.bytes.buffer.slice(
          small.bytes.byteOffset,
          small.bytes.byteOffset + small.bytes.length,
        ) as ArrayBuffer,
      }),
    );
  });
  const executed = (x: Tensor): Tensor => theirs.execute({ [cut.from]: x }, cut.to) as Tensor;

  it.each(['cpu', 'wasm', 'tensorflow'] as const)(
    "gives the scores and the gradient of TensorFlow.js's own executor: on %s",
    async (backend) => {
      const x = tf.mul(pictures([1, ...smallSize, 3]), 255);
      const weights = tf.tensor(createRandomSource(5).normal(126 * 90 + 60 * 90), [1, 186, 90]);
      const gradientOf = (run: (y: Tensor) => Tensor) => tf.grad((y) => tf.sum(tf.mul(run(y), weights)))(x);
      // On the back end that has all of its kernels.
      const wanted = [executed(x), gradientOf(executed)] as const;
      for (const tensor of [x, weights, ...wanted]) await tensor.data();
      await createRuntime({ backend, computeType: 'float32' });
      onTestFinished(async () => {
        await createRuntime({ backend: 'cpu', computeType: 'float32' });
      });
      const graph = ours();
      const scores = graph.run(x);
      expect(scores.shape).toEqual([1, 2 * 9 * 7 + 3 * 5 * 4, 90]);
      // The same numbers summed in another order: rounding of float32.
      expect(difference(scores, wanted[0])).toBeLessThan(1e-5);
      expect(largest(wanted[1].dataSync())).toBeGreaterThan(1e-4);
      expect(difference(gradientOf(graph.run), wanted[1])).toBeLessThan(1e-4);
      tf.dispose([x, weights, scores, ...wanted]);
      graph.dispose();
    },
  );

  it('computes pictures of a batch as it does them one by one, which the published loop cannot', () => {
    const graph = ours();
    tf.tidy(() => {
      const x = tf.mul(pictures([3, ...smallSize, 3]), 255);
      const alone = tf.concat(tf.split(x, 3).map((one) => graph.run(one)));
      expect(difference(graph.run(x), alone)).toBeLessThan(1e-6);
    });
    graph.dispose();
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const graph = ours();
    const x = pictures([1, ...smallSize, 3]);
    tf.dispose([graph.run(x), x]);
    graph.dispose();
    graph.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('computes nothing of what lies before the cut', () => {
    const graph = ours();
    expect(graph.size).toBeLessThan(small.topology.node.filter(({ op }) => op !== 'Const').length - 5);
    graph.dispose();
    const whole = parseGraphModel({ modelTopology: small.topology, weightsManifest: [] }, 'small');
    expect(() => cutGraph(whole, new Map(), { from: 'image_tensor', to: cut.to }, 'small')).toThrow(
      /operations that cannot be computed here: .*TensorArrayGatherV3/,
    );
    expect(() => cutGraph(whole, new Map(), cut, 'small')).toThrow(/The weights of small lack /);
    expect(() => cutGraph(whole, new Map(), { ...cut, to: 'nothing' }, 'small')).toThrow(
      /has no node nothing/,
    );
  });
});

describe('depthwiseConv2d', () => {
  it.each([
    [9, 8, 3, 1, 'same'],
    [9, 8, 3, 2, 'same'],
    [10, 7, 3, 2, 'same'],
    [10, 7, 5, 2, 'same'],
    [10, 11, 3, 2, 'valid'],
    [1, 2, 3, 2, 'same'],
  ] as const)(
    'has the gradient of the kernel: %i × %i, kernel %i, stride %i, %s',
    (height, width, side, stride, pad) => {
      tf.tidy(() => {
        const x = pictures([2, height, width, 3]);
        const filter = tf.tensor4d(createRandomSource(2).normal(side * side * 3), [side, side, 3, 1]);
        const plain = (y: Tensor) => tf.depthwiseConv2d(y as Tensor4D, filter, stride, pad);
        const own = (y: Tensor) => depthwiseConv2d(y as Tensor4D, filter, stride, pad);
        const cotangent = tf.tensor(createRandomSource(4).normal(plain(x).size), plain(x).shape);
        const slope = (f: (y: Tensor) => Tensor) => tf.grad((y) => tf.sum(tf.mul(f(y), cotangent)))(x);
        expect(difference(own(x), plain(x))).toBe(0);
        expect(difference(slope(own), slope(plain))).toBeLessThan(1e-5);
      });
    },
  );
});

it.each([
  [40, 25],
  [20, 64],
  [17, 14],
])('stretches pictures as the graph does: %i × %i', (height, width) => {
  tf.tidy(() => {
    const x = pictures([2, height, width, 3]);
    // Two products instead of one interpolation.
    expect(
      difference(legacyResize(x, ...smallSize), tf.image.resizeBilinear(x, [...smallSize], false, false)),
    ).toBeLessThan(1e-5);
  });
});

describe('weights', () => {
  it('may be quantised', () => {
    const manifest = (constant: object) =>
      parseGraphModel(
        {
          modelTopology: { node: [] },
          weightsManifest: [
            { paths: ['x'], weights: [{ name: 'a', shape: [3], dtype: 'float32', ...constant }] },
          ],
        },
        'q',
      );
    const read = (constant: object, bytes: number[]) => [
      ...readConstants(manifest(constant), [Uint8Array.from(bytes)], 'q').get('a')!.values,
    ];
    expect(read({ quantization: { dtype: 'uint8', scale: 0.5, min: -1 } }, [0, 2, 255])).toEqual([
      -1, 0, 126.5,
    ]);
    expect(read({ quantization: { dtype: 'uint16', scale: 1, min: 0 } }, [0, 1, 2, 0, 0, 0])).toEqual([
      256, 2, 0,
    ]);
    expect(read({ quantization: { dtype: 'float16' } }, [0, 0x3c, 0, 0xc0, 0, 0])).toEqual([1, -2, 0]);
    expect(() => read({}, [0, 0, 0])).toThrow(/hold 3 bytes, which are not the weights/);
    expect(() => read({}, new Array(13).fill(0))).toThrow(/hold 13 bytes/);
    expect(() => read({ dtype: 'string' }, [])).toThrow(/stores a as string, which cannot be read/);
  });

  it('are taken from a folder, from its model.json, and refused where they do not fit', async () => {
    const folder = writeSmallSsd(join(root, 'small'));
    const context = { runtime, log: () => {} };
    for (const reference of [folder, join(folder, 'model.json')]) {
      const { constants } = await loadGraphModel(reference, {});
      expect(constants.size).toBe(buildSmallSsd().constants.length);
    }
    const broken = (change: (json: Record<string, unknown>) => unknown) =>
      loadDetector(writeSmallSsd(join(root, 'broken'), change), context);
    await expect(broken(() => ({ format: 'layers-model' }))).rejects.toThrow(
      /no graph model of TensorFlow\.js: a model\.json with/,
    );
    await expect(broken((json) => ({ ...json, modelTopology: { node: [] } }))).rejects.toThrow(
      /is no SSD .* has no node Preprocessor/,
    );
    await expect(
      broken((json) => ({ ...json, weightsManifest: [{ paths: ['../x'], weights: [] }] })),
    ).rejects.toThrow(/does not lie beside it/);
    await expect(
      broken((json) => ({ ...json, weightsManifest: [{ paths: ['gone'], weights: [] }] })),
    ).rejects.toThrow(/holds no gone/);
    await expect(loadDetector(join(root, 'none'), context)).rejects.toThrow(/There is no file or folder/);
  });
});
