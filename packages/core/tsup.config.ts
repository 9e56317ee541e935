import { defineConfig } from 'tsup';
import { preset } from '../../tsup.preset.mjs';

export default defineConfig(
  preset({
    entry: { index: 'src/index.ts', plugins: 'src/plugins/index.ts' },
    // tfjs-node's kernels are CommonJS and are bundled: nobody who installs this package runs that one's install
    // script, and one copy of TensorFlow.js serves all.
    // One of them asks for tfjs-core, of which a second copy would come along.
    esbuildPlugins: [
      {
        name: 'one-tfjs',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({
            path: '@tensorflow/tfjs',
            external: true,
          })),
      },
    ],
    banner: {
      js: "import { createRequire as createRequireHere } from 'node:module';\nconst require = createRequireHere(import.meta.url);",
    },
  }),
);
