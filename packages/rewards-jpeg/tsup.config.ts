import { defineConfig } from 'tsup';
import { preset } from '../../tsup.preset.mjs';

export default defineConfig(
  preset({
    entry: ['src/index.ts', 'src/compressibility.ts', 'src/incompressibility.ts', 'src/jpeg-file-size.ts'],
  }),
);
