import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import hpsv2, { type Hpsv2Options } from '@draft/reward-hpsv2';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys, tokenizerFolder } from '../published-keys.js';
import { writePublished } from '../write-published.js';

const name = 'HPS_v2.1_compressed.pt';

/** HPSv2.1 as xswu/HPSv2 publishes it: open_clip's names, half precision, under `state_dict`. */
export const reward: FullSizeReward<Hpsv2Options> = {
  plugin: hpsv2,
  network: 'CLIP ViT-H/14',
  write: (folder) =>
    writePublished(
      folder,
      { name, format: 'pytorch', dtype: 'float16', wrapper: 'state_dict' },
      publishedKeys('models-clip', 'openclip_vit_h14_hpsv2'),
    ),
  options: (folder) => ({
    checkpoint: join(folder, name),
    tokenizer: fileURLToPath(tokenizerFolder('published')),
  }),
};
