import { defineConfig } from 'tsup';
import { preset } from '../../tsup.preset.mjs';

export default defineConfig(
  preset({
    entry: {
      index: 'src/index.ts',
      main: 'src/main.ts',
      'compare/run-process': 'src/compare/run-process.ts',
    },
  }),
);
