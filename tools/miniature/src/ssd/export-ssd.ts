import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '@draft/core';
import { detectorLabels } from '../judges/detector-targets.js';
import type { JudgeTraining } from '../judges/judge-training.js';
import { ssdMoments, ssdParameters } from './train-ssd.js';
import { writeSsdGraph } from './write-ssd-graph.js';

const shard = 'group1-shard1of1';

/** Writes the small SSD as the package coco-ssd publishes its own: `model.json`, and the weights beside it. */
export const exportSsd = async (
  folder: string,
  values: Float32Array,
  training: Pick<JudgeTraining, 'runtime' | 'scenes' | 'soft'>,
): Promise<void> => {
  const moments = await ssdMoments(training, values);
  const trained = { parameters: ssdParameters(), values, moments, labels: detectorLabels };
  const { json, bytes } = writeSsdGraph(trained, shard);
  const to = join(folder, 'ssd');
  mkdirSync(to, { recursive: true });
  writeFileAtomically(join(to, shard), bytes);
  writeFileAtomically(join(to, 'model.json'), `${JSON.stringify(json)}\n`);
};
