/** Names of a convolution and of the batch norm behind it, as timm and torchvision write them. */
export interface LayerNames {
  readonly convolution: string;
  readonly norm: string;
}

/** The first convolution. */
export const stemNames: LayerNames = { convolution: 'conv1', norm: 'bn1' };

/** Convolution `index` of a block; all numbers but the block's count from 1. */
export const layerNames = (stage: number, block: number, index: number): LayerNames => ({
  convolution: `layer${stage}.${block}.conv${index}`,
  norm: `layer${stage}.${block}.bn${index}`,
});

/** The convolution beside a block that changes its width or resolution. */
export const shortcutNames = (stage: number, block: number): LayerNames => ({
  convolution: `layer${stage}.${block}.downsample.0`,
  norm: `layer${stage}.${block}.downsample.1`,
});
