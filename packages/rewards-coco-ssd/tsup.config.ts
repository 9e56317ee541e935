import { defineConfig } from 'tsup';
import { preset } from '../../tsup.preset.mjs';

export default defineConfig(preset({ entry: ['src/index.ts', 'src/coco-ssd.ts', 'src/coco-ssd-found.ts'] }));
