import { describeOptions, optionsJsonSchema, parsePluginOptions } from '@draft/core/plugins';
import { type ConformanceCheck, expectThat } from './conformance-check.js';
import type { AnyPlugin, GivenOptions } from './plugin-under-test.js';

/** Options of a plugin as its `create` gets them. */
export const checkedOptions = (plugin: AnyPlugin, options: GivenOptions): Promise<never> =>
  parsePluginOptions(plugin.options, options, `${plugin.kind} "${plugin.name}"`) as Promise<never>;

/** What the options schema of any plugin has to do. */
export const optionsChecks = (plugin: AnyPlugin, options: GivenOptions): readonly ConformanceCheck[] => [
  {
    title: 'says what it is',
    run() {
      const { specVersion, name, description } = plugin;
      expectThat(specVersion === 1, `specVersion is ${specVersion}, not 1`);
      expectThat(/^[a-z0-9][a-z0-9._-]*$/.test(name), `the name "${name}" is not in lower case`);
      expectThat(description.trim() !== '', 'the description is empty');
    },
  },
  {
    title: 'accepts its options and fills in the others',
    async run() {
      const checked: unknown = await checkedOptions(plugin, options);
      expectThat(typeof checked === 'object' && checked !== null, 'its options schema gives no object');
    },
  },
  {
    title: 'refuses an option that it does not have',
    async run() {
      const result = await plugin.options['~standard'].validate({ ...options, 'no-such-option': 1 });
      expectThat(
        result.issues !== undefined,
        'a misspelt option would go unnoticed: make the schema strict (z.strictObject)',
      );
    },
  },
  {
    title: 'describes each option',
    run() {
      expectThat(
        optionsJsonSchema(plugin.options) !== undefined,
        'its options schema cannot be written as JSON Schema, which draft describe and editors need',
      );
      const bare = describeOptions(plugin.options)?.filter(({ description }) => description === '') ?? [];
      const names = bare.map(({ name }) => name).join(', ');
      expectThat(bare.length === 0, `no description of ${names}: add one (.describe)`);
    },
  },
];
