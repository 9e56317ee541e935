import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng, formatRewards } from '@draft/core';
import sharp from 'sharp';
import { composeFinalPictures } from '../../../packages/cli/src/compare/comparison-pictures.js';
import { openFolder } from '../../../packages/cli/src/run/run-folder.js';
import type { MomentSummary, RunSummary } from '../../../packages/cli/src/run/summary.js';

/** Writes the pictures before and after a run as a small PNG, of 256 colours without dithering. */
export const writeStrip = async (folder: string, path: string): Promise<number> => {
  const pixels = composeFinalPictures([{ label: 'after', folder: openFolder(folder, process.cwd()) }]);
  if (pixels === undefined) throw new Error(`${folder} has no pictures`);
  const { size } = await sharp(encodePng(pixels))
    .png({ palette: true, colours: 256, dither: 0, effort: 10, compressionLevel: 9 })
    .toFile(path);
  return size;
};

/** Reward before and after on training and held-out prompts: rows of a table in Markdown. */
export const rowsOf = (name: string, folder: string): readonly string[] => {
  const { before, after, iterations, rewardQueries } = JSON.parse(
    readFileSync(join(folder, 'summary.json'), 'utf8'),
  ) as RunSummary;
  const names = Object.keys(before.rewards);
  return names.map((reward) => {
    const of = ({ rewards, heldOut }: MomentSummary): readonly number[] => [
      rewards[reward] ?? Number.NaN,
      heldOut?.rewards[reward] ?? Number.NaN,
    ];
    const [from = '', fromOther = '', to = '', toOther = ''] = formatRewards([...of(before), ...of(after)]);
    const label = names.length === 1 ? name : `${name}: ${reward}`;
    return `| ${label} | ${iterations} | ${rewardQueries} | ${from} → ${to} | ${fromOther} → ${toOther} |`;
  });
};
