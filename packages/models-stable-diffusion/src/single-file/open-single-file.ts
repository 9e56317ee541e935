import { basename } from 'node:path';
import { openCheckpoint, type TensorSource } from '@draft/core';
import { openClipLayout } from '@draft/model-clip';
import type { CheckpointParts, ComponentName } from '../checkpoint/checkpoint-parts.js';
import type { CheckpointConfigs } from '../checkpoint/read-configs.js';
import type { SingleFileConfigs } from './configured-architecture.js';
import { identifyCheckpoint } from './identify-checkpoint.js';
import { publishedArchitectures } from './published-architectures.js';
import { renamedSource } from './renamed-source.js';
import { shareSource } from './share-source.js';
import { unetNames } from './unet-names.js';
import { vaeNames } from './vae-names.js';

const titles = { sd_v1: 'Stable Diffusion 1.x', 'sdxl_base_v1-0': 'SDXL base' } as const;

const published: SingleFileConfigs = {
  origin: (architecture) => `published architecture of ${titles[architecture]}`,
  of: (architecture) => publishedArchitectures[architecture](),
  named: true,
};

/** What the file itself adds to the configuration of its architecture. */
function adjusted(
  configs: CheckpointConfigs,
  { entries, path }: TensorSource,
  { velocity, named }: { readonly velocity: boolean; readonly named: boolean },
): CheckpointConfigs {
  const guidance = entries.get('model.diffusion_model.time_embed.cond_proj.weight');
  // A distilled model has the names and shapes of its teacher; only what it is called tells.
  const turbo = named && /turbo/i.test(basename(path));
  return {
    ...configs,
    unet: {
      ...configs.unet,
      guidanceWidth: guidance?.shape[1] ?? null,
      ...(turbo ? { sampleSize: [64, 64] as const } : {}),
    },
    schedule: {
      ...configs.schedule,
      ...(velocity ? { predictionType: 'v_prediction' as const } : {}),
      ...(turbo ? { timestepSpacing: 'trailing' as const } : {}),
    },
  };
}

/**
 * Opens a model in a single file, safetensors or PyTorch, with the names of the original code.
 * @param given The configurations, as a single file has none. @default the published
 * @throws DraftError as `openCheckpoint`, or `DRAFT_MODEL_UNSUPPORTED`, which says what the file is.
 */
export function openSingleFile(path: string, given: SingleFileConfigs = published): CheckpointParts {
  const file = openCheckpoint(path);
  try {
    const identified = identifyCheckpoint(file.entries, path);
    const { architecture, textPrefix, vaePrefix, velocity } = identified;
    const configs = adjusted(given.of(architecture), file, { velocity, named: given.named });
    const view = shareSource(file);
    const components: Readonly<Record<ComponentName, () => TensorSource>> = {
      unet: () => renamedSource(view(), { prefix: 'model.diffusion_model.', names: unetNames(configs.unet) }),
      vae: () => renamedSource(view(), { prefix: vaePrefix, names: vaeNames(configs.vae) }),
      text_encoder: () => renamedSource(view(), { prefix: textPrefix }),
      text_encoder_2: () =>
        openClipLayout(renamedSource(view(), { prefix: 'conditioner.embedders.1.model.' })),
    };
    return {
      configs,
      expectation: given.origin(architecture),
      open: (component) => components[component](),
    };
  } catch (cause) {
    file.close();
    throw cause;
  }
}
