import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomSource, createRuntime, type Runtime, type Tensor, type Tensor4D, tf } from '@draft/core';
import { loadDetector } from '@draft/reward-coco-ssd';
import { io, loadGraphModel } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectorLabels } from '../src/judges/detector-targets.js';
import { weightsFrom } from '../src/pretrain/parameters.js';
import { toFloat16 } from '../src/ssd/graph-writer.js';
import { anchors } from '../src/ssd/ssd-architecture.js';
import { runSsd } from '../src/ssd/ssd-network.js';
import { ssdTargets } from '../src/ssd/ssd-targets.js';
import { ssdParameters } from '../src/ssd/train-ssd.js';
import { writeSsdGraph } from '../src/ssd/write-ssd-graph.js';

const folder = mkdtempSync(join(tmpdir(), 'draft-ssd-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
interface Written {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly weights: io.WeightsManifestEntry[] }[];
}
const still = { mirrored: false, shiftX: 0, shiftY: 0 };

let runtime: Runtime;
let pictures: Tensor4D;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'cpu', computeType: 'float32' });
  const random = createRandomSource(8);
  pictures = tf.tensor4d(
    Float32Array.from({ length: 2 * 64 * 64 * 3 }, () => Math.floor(256 * random.uniform()) / 255),
    [2, 64, 64, 3],
  );
});

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const difference = (a: Tensor, b: Tensor): number =>
  tf.tidy(() => largest(tf.sub(a, b).dataSync()) / largest(b.dataSync()));

/** A detector with random weights, as it would be after training. */
const trainedAtRandom = () => {
  const random = createRandomSource(9);
  const parameters = ssdParameters();
  const size = parameters.reduce((sum, parameter) => sum + parameter.size, 0);
  const values = new Float32Array(size);
  const moments = new Map<string, { mean: Float32Array; variance: Float32Array }>();
  for (const { name, shape, offset, size: count } of parameters) {
    const scale = name.endsWith('weights') ? 1 / Math.sqrt(count / shape[3]!) : 0.2;
    const middle = name.endsWith('gamma') ? 1 : 0;
    // Numbers that float16 can hold.
    values.set(
      Float32Array.from(random.normal(count), (x) => Math.round(1024 * (middle + scale * x)) / 1024),
      offset,
    );
    if (!name.endsWith('gamma')) continue;
    moments.set(name.replace('/BatchNorm/gamma', ''), {
      mean: Float32Array.from(random.normal(count), (x) => 0.1 * x),
      variance: new Float32Array(count).fill(1 - 1e-3),
    });
  }
  return { parameters, values, moments, labels: detectorLabels };
};

describe('the written SSD', () => {
  it("computes in its plugin and in TensorFlow.js's executor what the trained network does", async () => {
    const trained = trainedAtRandom();
    const { json, bytes } = writeSsdGraph(trained, 'group1-shard1of1');
    writeFileSync(join(folder, 'model.json'), JSON.stringify(json));
    writeFileSync(join(folder, 'group1-shard1of1'), bytes);
    const detector = await loadDetector(folder, { runtime, log: () => {} });
    expect(Object.values(detector.classes)).toEqual(detectorLabels);

    const parts = trained.parameters.map(({ offset, size, shape }) =>
      tf.tensor(trained.values.subarray(offset, offset + size), [...shape]),
    );
    const weights = weightsFrom(trained.parameters, parts);
    const moments = (norm: string) => {
      const { mean, variance } = trained.moments.get(norm)!;
      return { mean: tf.tensor1d(mean), variance: tf.tensor1d(variance) };
    };
    const pixels = tf.sub(tf.mul(pictures, 2), 1) as Tensor4D;
    const { logits } = runSsd(weights, moments, pixels, detectorLabels.length);
    const ours = detector.scores(pictures);
    expect(ours.shape).toEqual([2, anchors.length, detectorLabels.length]);
    // Folding a norm of variance 1 changes nothing but the last bits that float16 has.
    expect(difference(ours, tf.sigmoid(logits))).toBeLessThan(5e-3);

    const { modelTopology, weightsManifest, ...rest } = json as unknown as Written;
    const weightSpecs = weightsManifest.flatMap(({ weights: all }) => all);
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const theirs = await loadGraphModel(
      io.fromMemory({ ...rest, modelTopology, weightSpecs, weightData: weightData as ArrayBuffer }),
    );
    const bytesOfPictures = tf.cast(tf.round(tf.mul(pictures, 255)), 'int32');
    const outputs = ['Postprocessor/Slice', 'Postprocessor/ExpandDims_1'];
    const [scores, boxes] = theirs.execute({ image_tensor: bytesOfPictures }, outputs) as Tensor[];
    expect(difference(ours, scores!)).toBeLessThan(1e-5);
    expect(boxes!.shape).toEqual([2, anchors.length, 1, 4]);
    detector.dispose();
  });

  it('tells boxes relative to anchors, as the executor takes them apart', async () => {
    const trained = trainedAtRandom();
    // Without weights every box is told by the biases alone.
    for (const { name, offset, size } of trained.parameters) {
      if (/BoxEncodingPredictor\/weights$/.test(name)) trained.values.fill(0, offset, offset + size);
    }
    const target = ssdTargets([{ label: 'book', box: [10, 20, 40, 36], face: false }], still);
    const at = target.named.indexOf(detectorLabels.indexOf('book'));
    const place = at % 6;
    for (const { name, offset } of trained.parameters) {
      if (!/BoxEncodingPredictor\/biases$/.test(name)) continue;
      trained.values.set(target.codes.subarray(4 * at, 4 * at + 4), offset + 4 * place);
    }
    const { json, bytes } = writeSsdGraph(trained, 'weights');
    const { modelTopology, weightsManifest } = json as unknown as Written;
    const weightSpecs = weightsManifest.flatMap(({ weights: all }) => all);
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const model = await loadGraphModel(
      io.fromMemory({ modelTopology, weightSpecs, weightData: weightData as ArrayBuffer }),
    );
    const input = tf.zeros([1, 64, 64, 3], 'int32');
    const boxes = model.execute({ image_tensor: input }, 'Postprocessor/ExpandDims_1') as Tensor;
    const found = [...boxes.dataSync()].slice(4 * at, 4 * at + 4);
    // Top, left, bottom, right; the codes are stored in float16.
    [20, 10, 36, 40].forEach((pixel, i) => {
      expect(64 * found[i]!).toBeCloseTo(pixel, 1);
    });
  });
});

describe("the SSD's targets", () => {
  it('give an object the boxes that overlap it, and at least one', () => {
    const large = ssdTargets([{ label: 'cat', box: [4, 4, 60, 60], face: false }], still);
    const tiny = ssdTargets([{ label: 'book', box: [30, 30, 33, 33], face: false }], still);
    const count = (list: Float32Array, label: string) =>
      list.filter((value) => value === detectorLabels.indexOf(label)).length;
    expect(count(large.named, 'cat')).toBeGreaterThan(1);
    expect(count(large.free, 'cat')).toBeGreaterThan(0);
    expect(count(tiny.named, 'book')).toBe(1);
    expect(count(tiny.named, 'cat')).toBe(0);
  });
});

it('float16 keeps what it can hold and rounds the rest to the nearest', () => {
  expect([0, 1, -2, 0.5, 65504].map(toFloat16)).toEqual([0, 0x3c00, 0xc000, 0x3800, 0x7bff]);
  expect(toFloat16(1 + 2 ** -10)).toBe(0x3c01);
  expect(toFloat16(1 + 2 ** -12)).toBe(0x3c00);
  expect(toFloat16(1e-9)).toBe(0);
  expect(() => toFloat16(1e6)).toThrow('too large');
});
