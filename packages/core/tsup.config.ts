import { defineConfig } from 'tsup';
import { preset } from '../../tsup.preset.mjs';

export default defineConfig(
  preset({
    entry: { index: 'src/index.ts', plugins: 'src/plugins/index.ts' },
    // tfjs-node's kernels are CommonJS and are bundled: nobody who installs this package runs that one's install
    // script, and one copy of TensorFlow.js serves all.
    banner: {
      js: "import { createRequire as createRequireHere } from 'node:module';\nconst require = createRequireHere(import.meta.url);",
    },
  }),
);
