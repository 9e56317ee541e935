export { type ClipBlockConfig, createClipBlock } from './block/clip-block.js';
export { type ClipActivation, type ConfigFields, configFields } from './config/config-fields.js';
export { type ClipConfig, parseClipConfig } from './model/clip-config.js';
export { type ClipModel, createClip } from './model/clip-model.js';
export {
  createImageEmbedder,
  createTextEmbedder,
  type ImageEmbedder,
  type TextEmbedder,
  unitRows,
} from './model/embedders.js';
export { parseOpenClipConfig } from './open-clip/open-clip-config.js';
export { isOpenClip, openClipLayout } from './open-clip/open-clip-layout.js';
export { clipH14, clipL14 } from './open-clip/published-configs.js';
export { clipPreprocessings, type NamedPreprocessing } from './preprocessing/clip-preprocessings.js';
export type { ImageFit, MiddleCrop } from './preprocessing/image-fit.js';
export {
  type ChannelStatistics,
  clipStatistics,
  createPreprocessing,
  type PreprocessingOptions,
} from './preprocessing/image-preprocessing.js';
export { readStatistics, readTriple } from './preprocessing/read-statistics.js';
export { type ResizeFilter, resizeWeights } from './preprocessing/resize-weights.js';
export { type ClipRewardParts, createClipReward } from './reward/clip-reward.js';
export {
  type ClipToLoad,
  type LoadedClip,
  loadClip,
  loadImageEmbedder,
} from './reward/load-clip.js';
export { loadClipTokenizer } from './reward/load-clip-tokenizer.js';
export { createPromptEmbeddings, type PromptEmbeddings } from './reward/prompt-embeddings.js';
export type { TextActivation, TextConfig } from './text/text-config.js';
export { parseTextConfig } from './text/text-config.js';
export type { TextStates, TextTower } from './text/text-tower.js';
export { createTextTower } from './text/text-tower.js';
export { loadTokenizer } from './tokenizer/load-tokenizer.js';
export type { PromptStyle } from './tokenizer/prompt-style.js';
export { publishedTokenizer } from './tokenizer/published-tokenizer.js';
export type { Tokenizer, TokenizerOptions } from './tokenizer/tokenizer.js';
export { createTokenizer } from './tokenizer/tokenizer.js';
export type { TokenizerFiles } from './tokenizer/tokenizer-files.js';
export { parseVisionConfig, type VisionConfig } from './vision/vision-config.js';
export { createVisionTower, type VisionTower } from './vision/vision-tower.js';
