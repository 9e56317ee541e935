import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromPixels, type PluginContext, readPng, tf, writeFileAtomically } from '@draft/core';
import { pictureDiversity } from '../run/picture-diversity.js';
import { openPictureEmbedding } from '../run/picture-embedding.js';
import { readRunJson } from '../run/run-folder.js';
import { diversityFile } from './observe-workbench.js';

/** `diversity.json`: how much the pictures of a prompt differ from one another. */
export interface DiversityReport {
  /** What pictures are compared in. */
  readonly embedding: string;
  /** The mean over prompts. */
  readonly mean: number;
  /** `1 − mean cosine` over the pairs of a prompt's pictures. */
  readonly perPrompt: readonly number[];
}

/** What was measured of the pictures in a folder; undefined where nothing was. */
export const readDiversity = (folder: string): DiversityReport | undefined => {
  const path = join(folder, 'diversity.json');
  return existsSync(path) ? (readRunJson(path) as DiversityReport) : undefined;
};

/** Measures the diversity of pictures that were kept in a folder, one prompt after the other, and notes it there. */
export const measureDiversity = async (
  folder: string,
  count: { readonly prompts: number; readonly samples: number },
  request: string,
  context: PluginContext,
): Promise<void> => {
  const embedding = await openPictureEmbedding(request, context);
  try {
    const perPrompt: number[] = [];
    for (let prompt = 0; prompt < count.prompts; prompt += 1) {
      const paths = Array.from({ length: count.samples }, (_, i) =>
        join(folder, diversityFile(prompt * count.samples + i)),
      );
      // There may be fewer prompts than were asked for.
      if (!paths.every((path) => existsSync(path))) break;
      const { data, shape } = fromPixels(paths.map(readPng));
      const images = tf.tensor4d(data, [...shape]);
      try {
        perPrompt.push(pictureDiversity(await embedding.embed(images)) ?? Number.NaN);
      } finally {
        images.dispose();
      }
    }
    if (perPrompt.length === 0) return;
    const mean = perPrompt.reduce((sum, value) => sum + value, 0) / perPrompt.length;
    const report: DiversityReport = { embedding: embedding.name, mean, perPrompt };
    writeFileAtomically(join(folder, 'diversity.json'), `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    embedding.dispose();
  }
};
