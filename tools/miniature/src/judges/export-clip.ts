import { join } from 'node:path';
import { loadTokenizer } from '@draft/model-clip';
import { clipConfig, clipPreprocessorConfig } from './clip-architecture.js';
import { copyTokenizer, storedWeights, writeJudge } from './export-judge.js';
import { clipParameters } from './train-clip.js';

/** Writes the CLIP judge as transformers' CLIPModel, with processor and tokenizer. */
export const exportClip = async (folder: string, values: Float32Array, tokenizer: string): Promise<void> => {
  const { vocabularySize } = await loadTokenizer(tokenizer);
  const { parameters } = clipParameters(vocabularySize);
  const to = join(folder, 'clip');
  writeJudge(to, storedWeights(parameters, values), {
    'config.json': clipConfig(vocabularySize),
    'preprocessor_config.json': clipPreprocessorConfig,
  });
  copyTokenizer(tokenizer, to);
};
