import { configFields } from '@draft/model-clip';
import type { StructureHints } from '../network/read-structure.js';
import type { ResnetConfig } from '../network/resnet-config.js';

/** What a `config.json` says beyond the shapes of the weights. */
export interface ClassifierConfig extends StructureHints {
  /** Blocks of each stage, where it names them. */
  readonly depths?: readonly number[];
}

const published: Readonly<Record<string, readonly number[]>> = {
  '18': [2, 2, 2, 2],
  '34': [3, 4, 6, 3],
  '50': [3, 4, 6, 3],
  '101': [3, 4, 23, 3],
  '152': [3, 8, 36, 3],
};

/**
 * Reads what a `config.json` of transformers or of timm says of a ResNet's structure.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 */
export function parseClassifierConfig(json: unknown): ClassifierConfig {
  const { raw, fail } = configFields(json, "classifier's config.json");
  const architecture = raw('architecture');
  if (architecture !== undefined) {
    // Relatives with the same names of tensors, say with blurred pooling, compute something else.
    const match =
      typeof architecture === 'string' && /^(?:tv_|wide_)?resnet(\d+)(?:_\d+)?$/.exec(architecture);
    if (!match) return fail('UNSUPPORTED', 'architecture', 'only plain ResNets ("resnet50") can be run');
    const depths = published[match[1]!];
    return depths ? { depths } : {};
  }
  if (raw('model_type') !== 'resnet') return fail('UNSUPPORTED', 'model_type', 'only "resnet" can be run');
  if ((raw('hidden_act') ?? 'relu') !== 'relu') fail('UNSUPPORTED', 'hidden_act', 'only "relu" can be run');
  const { depths } = { depths: raw('depths') };
  if (depths !== undefined && !(Array.isArray(depths) && depths.every(Number.isSafeInteger))) {
    fail('INVALID', 'depths', 'it must be a list of whole numbers');
  }
  return {
    ...(depths === undefined ? {} : { depths: depths as number[] }),
    firstStride: raw('downsample_in_first_stage') === true ? 2 : 1,
    strideAt: raw('downsample_in_bottleneck') === true ? 1 : 2,
  };
}

/** Whether a network has the depths that its configuration names. */
export const hasDepths = ({ stages }: ResnetConfig, depths: readonly number[]): boolean =>
  stages.length === depths.length && stages.every(({ blocks }, index) => blocks === depths[index]);
