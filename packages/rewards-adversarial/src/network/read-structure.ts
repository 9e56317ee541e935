import { DraftError, type TensorSource } from '@draft/core';
import type { ResnetConfig, ResnetStage } from './resnet-config.js';
import { layerNames, stemNames } from './resnet-names.js';

/** What the shapes of a checkpoint do not tell. */
export interface StructureHints {
  /** By what the first stage makes the image smaller. @default 1 */
  readonly firstStride?: 1 | 2;
  /** Which convolution of a bottleneck makes the image smaller, from 1. @default 2 */
  readonly strideAt?: 1 | 2;
}

/**
 * Reads depths, widths and the number of classes from the names and shapes of a checkpoint with timm's names. Whether
 * the rest fits is for `openNetwork` to find out.
 * @throws DraftError `DRAFT_MODEL_MISMATCH` where it holds no residual network.
 */
export function readStructure(
  { path, entries, nameInFile = (name) => name }: TensorSource,
  { firstStride = 1, strideAt = 2 }: StructureHints = {},
): ResnetConfig {
  const outputs = (name: string): number => {
    const width = entries.get(name)?.shape[0];
    if (width !== undefined && width > 0) return width;
    throw new DraftError(
      'DRAFT_MODEL_MISMATCH',
      `${path} holds no ResNet in the layout of timm or of transformers: there is no ${nameInFile(name)}.`,
    );
  };
  const weightOf = (stage: number, block: number, index: number) =>
    `${layerNames(stage, block, index).convolution}.weight`;
  const stemWidth = outputs(`${stemNames.convolution}.weight`);
  const isBottleneck = entries.has(weightOf(1, 0, 3));
  const stages: ResnetStage[] = [];
  for (let stage = 1; stage === 1 || entries.has(weightOf(stage, 0, 1)); stage += 1) {
    let blocks = 1;
    while (entries.has(weightOf(stage, blocks, 1))) blocks += 1;
    stages.push({
      blocks,
      innerWidth: outputs(weightOf(stage, 0, 1)),
      width: outputs(weightOf(stage, 0, isBottleneck ? 3 : 2)),
      stride: stage === 1 ? firstStride : 2,
    });
  }
  return {
    stemWidth,
    stages,
    block: isBottleneck ? 'bottleneck' : 'basic',
    strideAt: isBottleneck ? strideAt : 1,
    classes: outputs('fc.weight'),
  };
}
