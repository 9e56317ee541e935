import { optionsJsonSchema, type PluginKind } from '@draft/core/plugins';
import { z } from 'zod';
import type { Options } from '../config/config-layer.js';
import { defaultOf, innerSchema, lookOf } from '../config/option.js';
import type { ConfigCommand } from './config-commands.js';

/** A part of a JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A plugin that is installed, with its options where it could be imported. */
export interface SchemaPlugin {
  readonly kind: PluginKind;
  readonly id: string;
  readonly summary: string;
  readonly options?: Parameters<typeof optionsJsonSchema>[0];
}

const plainOption = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...json } = z.toJSONSchema(innerSchema(schema), { io: 'input' });
  const look = lookOf(schema);
  const value = defaultOf(schema);
  // Of a switch that is on by itself, it says what turning it off does.
  const description = value === true ? `false: ${look.description}` : look.description;
  return { ...json, description, ...(value === undefined ? {} : { default: value }) };
};

/** Names that an editor offers, beside anything else. */
const suggested = (plugins: readonly SchemaPlugin[]): readonly JsonSchema[] => [
  ...plugins.map(({ id, summary }) => ({ const: id, description: summary })),
  { type: 'string', minLength: 1 },
];

const optionsOf = ({ options, summary }: SchemaPlugin): JsonSchema => {
  const { $schema: _, ...json } = (options && optionsJsonSchema(options)) ?? { type: 'object' };
  return { ...json, description: summary };
};

/** "If this option names that plugin, the other holds its options." An absent option has its default. */
const conditional = (
  chooser: string,
  settings: string,
  plugins: readonly SchemaPlugin[],
  otherwise: unknown,
): readonly JsonSchema[] =>
  plugins.map((plugin) => ({
    if: {
      properties: { [chooser]: { const: plugin.id } },
      ...(plugin.id === otherwise ? {} : { required: [chooser] }),
    },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { [settings]: optionsOf(plugin) } },
  }));

/**
 * The JSON Schema of a command's configs: editors complete and check options with it, those of installed
 * plugins included. What the schema cannot know, such as a plugin given by its path, it lets through.
 */
export const configSchema = (
  command: ConfigCommand,
  options: Options,
  plugins: readonly SchemaPlugin[],
): JsonSchema => {
  const of = (kind: PluginKind) => plugins.filter((plugin) => plugin.kind === kind);
  const properties: Record<string, JsonSchema> = Object.fromEntries(
    Object.entries(options).map(([name, schema]) => [name, plainOption(schema)]),
  );
  const choose = (name: string, kind: PluginKind, change: (offers: JsonSchema) => JsonSchema = (x) => x) => {
    if (properties[name] === undefined) return;
    const { type: _, minLength: __, anyOf: ___, ...rest } = properties[name];
    properties[name] = { ...rest, ...change({ anyOf: suggested(of(kind)) }) };
  };
  const several = (one: JsonSchema) => ({ anyOf: [one, { type: 'array', items: one }] });
  choose('reward', 'reward', several);
  choose('watchReward', 'reward', several);
  choose('algorithm', 'algorithm');
  choose('algorithms', 'algorithm', several);
  choose('sampler', 'sampler');
  choose('model', 'checkpoint');
  const { propertyNames: _, additionalProperties: __, ...rewardSet } = properties.rewardSet ?? {};
  properties.rewardSet = {
    ...rewardSet,
    properties: Object.fromEntries(of('reward').map((plugin) => [plugin.id, optionsOf(plugin)])),
    additionalProperties: { type: 'object' },
  };
  const settingsOf = (chooser: string, settings: string, kind: PluginKind) =>
    options[chooser] && options[settings]
      ? conditional(chooser, settings, of(kind), defaultOf(options[chooser]))
      : [];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Config of draft ${command}`,
    type: 'object',
    properties: { $schema: { type: 'string', description: 'this schema' }, ...properties },
    additionalProperties: false,
    allOf: [
      ...settingsOf('algorithm', 'set', 'algorithm'),
      ...settingsOf('sampler', 'samplerSet', 'sampler'),
    ],
  };
};
