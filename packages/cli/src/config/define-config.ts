import type { z } from 'zod';
import type { trainSchema } from './train-options.js';

/** What a config for `draft train` may hold; whatever it leaves out is filled in. */
export type DraftConfig = z.input<typeof trainSchema>;

/** Gives a TypeScript config its types: `export default defineConfig({ reward: 'symmetry' })`. */
export const defineConfig = (config: DraftConfig): DraftConfig => config;
