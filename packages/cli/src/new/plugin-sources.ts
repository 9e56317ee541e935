import type { PluginNames } from './plugin-names.js';

/** What sets the sources of a new plugin of one kind apart. */
export interface PluginTemplate {
  /** What the example does, in a sentence. */
  readonly summary: string;
  /** The line of its only option. */
  readonly option: string;
  /** `src/create-<id>.ts` */
  readonly create: string;
  /** More lines of the plugin object, each with its end. */
  readonly more?: string;
  /** `test/<id>.test.mjs` */
  readonly test: string;
}

/** The sources of a new plugin: its options, what makes it, the plugin object, and its tests. */
export const pluginSources = (
  { kind, id, variable, type }: PluginNames,
  { summary, option, create, more = '', test }: PluginTemplate,
): Readonly<Record<string, string>> => {
  const pluginType = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Plugin`;
  return {
    [`src/${id}-options.ts`]: `import { z } from 'zod';

/** Options of the ${kind}; strict, so that a misspelt one is refused. */
export const ${variable}Options = z.strictObject({
  ${option}
});

/** Options of the ${kind}, with defaults filled in. */
export type ${type}Options = z.output<typeof ${variable}Options>;
`,
    [`src/create-${id}.ts`]: create,
    'src/index.ts': `import type { ${pluginType} } from '@draft/core';
import { create${type} } from './create-${id}.js';
import { type ${type}Options, ${variable}Options } from './${id}-options.js';

const ${variable}: ${pluginType}<${type}Options> = {
  specVersion: 1,
  kind: '${kind}',
  name: '${id}',
  description: '${summary}',
  options: ${variable}Options,
${more}  create: (options) => create${type}(options),
};

export default ${variable};
export { create${type} } from './create-${id}.js';
export { type ${type}Options, ${variable}Options } from './${id}-options.js';
`,
    [`test/${id}.test.mjs`]: test,
  };
};
