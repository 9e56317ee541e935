import { defineConfig } from 'tsup';

/** Our side as plain JavaScript, beside packages that are built: nothing is translated while it is timed. */
export default defineConfig({
  entry: ['src/ours/worker.ts', 'src/ours/matrix-product-worker.ts'],
  format: 'esm',
  external: [/^@draft\//],
  silent: true,
});
