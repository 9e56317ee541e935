import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomSource, createRuntime, type Tensor, tf } from '@draft/core';
import { loadDetector } from '@draft/reward-coco-ssd';
import { io, loadGraphModel } from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import { publishedKeys } from '../src/published-keys.js';
import { readKeys } from '../src/random-checkpoint.js';
import { ssdMobilenetV1 } from '../src/ssd/mobilenet-v1.js';
import { ssdliteMobilenetV2, ssdMobilenetV2 } from '../src/ssd/mobilenet-v2.js';

const folder = mkdtempSync(join(tmpdir(), 'ssd-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a written graph by TensorFlow.js's own executor, from the resized picture on. */
async function executed(from: string, files: readonly string[], pictures: Tensor): Promise<Tensor> {
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(from, 'model.json'), 'utf8'));
  const bytes = Buffer.concat(files.slice(1).map((file) => readFileSync(join(from, file))));
  const weightData = Uint8Array.from(bytes).buffer;
  const model = await loadGraphModel(
    io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }),
  );
  const input = 'Preprocessor/map/TensorArrayStack/TensorArrayGatherV3';
  const scores = model.execute({ [input]: pictures }, 'Postprocessor/Slice') as Tensor;
  model.dispose();
  return scores;
}

describe.each([
  ['ssdlite_mobilenet_v2', ssdliteMobilenetV2, 5],
  ['ssd_mobilenet_v1', ssdMobilenetV1, 7],
  ['ssd_mobilenet_v2', ssdMobilenetV2, 17],
])('the graph of %s', (name, build, shards) => {
  it('has the weights of the published one, at their shapes', () => {
    const published = [...readKeys(publishedKeys('rewards-coco-ssd', name))];
    const sorted = (list: readonly (readonly [string, readonly number[]])[]) =>
      list.map(([key, shape]) => `${key} ${shape.join('x')}`).sort();
    expect(sorted(build().weights())).toEqual(sorted(published));
  });

  it("is read from its files, and scores every box as TensorFlow.js's executor does", async () => {
    const place = join(folder, name);
    mkdirSync(place);
    const { files, numbers } = build().write(place);
    // As many as are published.
    expect(files).toHaveLength(1 + shards);
    expect(files.slice(1).reduce((sum, file) => sum + statSync(join(place, file)).size, 0)).toBe(4 * numbers);
    const runtime = await createRuntime({ backend: 'wasm', computeType: 'float32' });
    const noise = createRandomSource(3).normal(300 * 300 * 3);
    const pictures = tf.tensor4d(
      noise.map((x) => Math.min(1, Math.max(0, 0.5 + 0.2 * x))),
      [1, 300, 300, 3],
    );
    const theirs = await executed(place, files, tf.mul(pictures, 255));
    const detector = await loadDetector(place, { runtime, log: () => {} });
    const ours = detector.scores(pictures);
    expect(ours.shape).toEqual([1, 1917, 90]);
    const [least, most, apart] = [tf.min(theirs), tf.max(theirs), tf.max(tf.abs(tf.sub(ours, theirs)))].map(
      (number) => number.dataSync()[0]!,
    );
    // Scores of random weights that do not all lie in one place.
    expect(most! - least!).toBeGreaterThan(0.2);
    expect(apart).toBeLessThan(1e-5);
    detector.dispose();
  }, 120_000);
});
