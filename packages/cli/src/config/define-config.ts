import type { Plugin } from '@draft/core';
import type { z } from 'zod';
import type { trainSchema } from './train-options.js';

/** A plugin whatever its options are. */
type AnyPlugin = Pick<Plugin, 'specVersion' | 'kind' | 'name' | 'description'> & {
  readonly options: object;
};

/** What a config for `draft train` may hold; whatever it leaves out is filled in. */
export type DraftConfig = Omit<z.input<typeof trainSchema>, 'plugins'> & {
  /** Where to look for plugins besides the installed ones, or plugins themselves. */
  readonly plugins?: readonly (string | AnyPlugin)[];
};

/** Gives a TypeScript config its types: `export default defineConfig({ reward: 'symmetry' })`. */
export const defineConfig = (config: DraftConfig): DraftConfig => config;
