import type { PluginNames } from './plugin-names.js';

/** What sets the sources of a new plugin of one kind apart. */
export interface PluginTemplate {
  /** What the example does, in a sentence. */
  readonly summary: string;
  /** The line of its only option. */
  readonly option: string;
  /** What `src/create-<id>.ts` imports from core. */
  readonly imports: string;
  /** The rest of it. */
  readonly create: string;
  /** More lines of the plugin object, each with its end. */
  readonly more?: string;
  /** What its own test imports from core: `tf`. */
  readonly testImports?: string;
  /** The test of its own, within `describe`. */
  readonly test: string;
}

const testSource = (
  { kind, id, variable, type }: PluginNames,
  { testImports, test }: PluginTemplate,
): string => {
  const suite = `describe${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const core = testImports === undefined ? '' : `import { ${testImports} } from '@draft/core';\n`;
  return `import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
${core}import { ${suite} } from '@draft/testing';
import ${variable}, { create${type} } from '../dist/index.js';

// What every ${kind} has to do.
${suite}(${variable}, { runner: { describe, it }, package: import.meta.url });

// What this one is for.
describe('${id}', () => {
${test}});
`;
};

/** The sources of a new plugin: its options, what makes it, the plugin object, and its tests. */
export const pluginSources = (
  names: PluginNames,
  template: PluginTemplate,
): Readonly<Record<string, string>> => {
  const { kind, id, variable, type } = names;
  const { summary, option, imports, create, more = '' } = template;
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
    [`src/create-${id}.ts`]: `import { ${imports} } from '@draft/core';
import type { ${type}Options } from './${id}-options.js';

${create}`,
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
    [`test/${id}.test.mjs`]: testSource(names, template),
  };
};
