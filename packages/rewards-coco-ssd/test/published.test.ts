import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomSource, createRuntime, type Tensor, tf } from '@draft/core';
import { loadDetector } from '@draft/reward-coco-ssd';
import { io, loadGraphModel } from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

/** A folder with the published model.json and its shards, which are too large to come with the tests. */
const folder = process.env.DRAFT_COCO_SSD;

/** The published graph as the package coco-ssd runs it, loop and all. */
const loadPublished = (from: string) => {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(from, 'model.json'), 'utf8'));
  const bytes = Buffer.concat(
    weightsManifest.flatMap(({ paths }: { paths: string[] }) =>
      paths.map((path) => readFileSync(join(from, path))),
    ),
  );
  const weightSpecs = weightsManifest.flatMap(({ weights }: { weights: object[] }) => weights);
  const weightData = Uint8Array.from(bytes).buffer;
  return loadGraphModel(io.fromMemory({ modelTopology, weightSpecs, weightData }));
};

describe.skipIf(folder === undefined)('the published weights', () => {
  it("score a picture as TensorFlow.js's executor does with the whole graph", {
    timeout: 600_000,
  }, async () => {
    const from = folder ?? '';
    const runtime = await createRuntime({ backend: 'cpu', computeType: 'float32' });
    const detector = await loadDetector(from, { runtime, log: () => {} });
    const published = await loadPublished(from);
    const random = createRandomSource(4);
    const levels = Int32Array.from({ length: 64 * 64 * 3 }, () => Math.floor(random.uniform() * 256));
    const picture = tf.tensor4d(levels, [1, 64, 64, 3], 'int32');
    const theirs = (await published.executeAsync({ image_tensor: picture }, 'Postprocessor/Slice')) as Tensor;
    const ours = detector.scores(tf.div(picture, 255));
    expect(ours.shape).toEqual([1, 1917, 90]);
    const [largest, apart] = tf.tidy(() => [
      tf.max(theirs).dataSync()[0] ?? 0,
      tf.max(tf.abs(tf.sub(ours, theirs))).dataSync()[0],
    ]);
    expect(largest).toBeGreaterThan(0.01);
    expect(apart).toBeLessThan(1e-5);
    detector.dispose();
  });
});
