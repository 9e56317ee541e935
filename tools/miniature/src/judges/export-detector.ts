import { join } from 'node:path';
import { loadTokenizer } from '@draft/model-clip';
import { clipPreprocessorConfig } from './clip-architecture.js';
import { copyTokenizer, storedWeights, writeJudge } from './export-judge.js';
import { detectorConfig, detectorParameters } from './train-detector.js';

/** The name of a weight in transformers' OwlViTForObjectDetection. */
const owlvitName = (name: string): string =>
  name
    .replace(/^(text_model|vision_model|text_projection)\b/, 'owlvit.$1')
    .replace('.pre_layrnorm.', '.pre_layernorm.');

/** Writes the detector as transformers' OwlViTForObjectDetection, with processor and tokenizer. */
export const exportDetector = async (
  folder: string,
  values: Float32Array,
  tokenizer: string,
): Promise<void> => {
  const { vocabularySize } = await loadTokenizer(tokenizer);
  const { parameters } = detectorParameters(vocabularySize);
  const config = detectorConfig(vocabularySize);
  const shape = [config.projection_dim, config.vision_config.hidden_size];
  const size = shape.reduce((a, b) => a * b, 1);
  const to = join(folder, 'detector');
  writeJudge(
    to,
    {
      ...storedWeights(parameters, values, owlvitName),
      // Part of the layout, but not of detection.
      'owlvit.visual_projection.weight': { dtype: 'F16', shape, data: new Float32Array(size) },
      'owlvit.logit_scale': { dtype: 'F16', shape: [], data: Float32Array.of(config.logit_scale_init_value) },
    },
    {
      'config.json': config,
      'preprocessor_config.json': {
        ...clipPreprocessorConfig,
        image_processor_type: 'OwlViTImageProcessor',
        do_center_crop: false,
        size: { height: 64, width: 64 },
      },
    },
  );
  copyTokenizer(tokenizer, to);
};
