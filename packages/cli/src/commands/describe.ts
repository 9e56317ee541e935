import type { RewardCard, RewardWeights } from '@draft/core';
import {
  DraftError,
  describeOptions,
  isPathRequest,
  loadPlugin,
  type OptionDescription,
  optionsJsonSchema,
  parsePluginKind,
  pluginKinds,
  resolvePlugin,
} from '@draft/core/plugins';
import { Command } from 'commander';
import { addPlaceFlags, readPlaces } from '../config/plugin-place-options.js';
import { importModule } from '../import-module.js';
import { bytesText } from '../progress/durations.js';
import { findPlugins } from '../setup/find-plugins.js';

const column = (options: readonly OptionDescription[], text: (option: OptionDescription) => string): number =>
  Math.max(...options.map((option) => text(option).length));

const defaultText = (option: OptionDescription): string =>
  option.required ? 'required' : option.default === undefined ? '' : JSON.stringify(option.default);

const optionsTable = (options: readonly OptionDescription[]): readonly string[] => {
  const nameWidth = column(options, ({ name }) => name);
  const typeWidth = column(options, ({ type }) => type);
  const defaultWidth = column(options, defaultText);
  return options.map((option) =>
    [
      '',
      option.name.padEnd(nameWidth),
      option.type.padEnd(typeWidth),
      defaultText(option).padEnd(defaultWidth),
      option.description,
    ]
      .join('  ')
      .trimEnd(),
  );
};

/** A value as it is typed in a shell. */
const typed = (value: unknown): string => {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[^\w.:/@,-]/.test(text) ? `'${text}'` : text;
};

const usage = (kind: string, id: string, options: readonly OptionDescription[]): string => {
  const [option] = options;
  const value = option && `${option.name}=${typed(option.default ?? 'VALUE')}`;
  const flags: Readonly<Record<string, string>> = {
    reward: `--reward ${id}${value ? ` --reward-set ${id}.${value}` : ''}`,
    algorithm: `--algorithm ${id}${value ? ` --set ${value}` : ''}`,
    sampler: `--sampler ${id}${value ? ` --sampler-set ${value}` : ''}`,
  };
  return flags[kind] ?? `--model ${kind === 'model' ? 'FOLDER' : id}`;
};

const sizeText = ({ bytes }: RewardWeights): string => (bytes === undefined ? '' : `, ${bytesText(bytes)}`);

const rangeText = ([lowest, highest]: NonNullable<RewardCard['range']>): string =>
  lowest === null
    ? highest === null
      ? 'any'
      : `at most ${highest}`
    : highest === null
      ? `at least ${lowest}`
      : `${lowest} to ${highest}`;

/** A reward's card, a line each. */
const cardLines = (card: RewardCard): readonly string[] => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['measures', card.measures],
    ['range', card.range && `${rangeText(card.range)}${card.anchors ? `; ${card.anchors}` : ''}`],
    ['anchors', card.range ? undefined : card.anchors],
    ['sees', card.preprocessing],
    ...(card.weights ?? [{ name: 'none', source: '', license: '' }]).map(
      (item) =>
        [
          'weights',
          item.source === '' ? item.name : `${item.name} (${item.license}${sizeText(item)}), ${item.source}`,
        ] as const,
    ),
    ['hacking', card.hacking],
    ...(card.sources ?? []).map((source) => ['source', source] as const),
  ];
  return rows.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(8)}  ${text}`]));
};

/** `draft describe`: what one plugin does and which options it takes. */
export const describeCommand = (): Command =>
  addPlaceFlags(
    new Command('draft describe')
      .description('Show what a plugin does and which options it takes.')
      .argument('<kind>', pluginKinds.join(', '))
      .argument('<name>', 'its name, package or path')
      .option('--json', 'print JSON, with the options as JSON Schema'),
  ).action(async (kindText: string, name: string, flags: Readonly<Record<string, unknown>>) => {
    const kind = parsePluginKind(kindText);
    if (kind === undefined) {
      throw new DraftError(
        'DRAFT_KIND_UNKNOWN',
        `There is no kind of plugin called "${kindText}": kinds are ${pluginKinds.join(', ')}.`,
      );
    }
    const cwd = process.cwd();
    const catalogue = await findPlugins(cwd, await readPlaces(flags, cwd));
    const found = resolvePlugin(kind, name, catalogue, cwd, `draft describe ${kind}`);
    const { package: from, path } = found;
    const plugin = kind === 'checkpoint' ? undefined : await loadPlugin({ ...found, kind }, importModule);
    const id = plugin?.name ?? found.id;
    const description = plugin?.description ?? found.summary;
    const options = plugin === undefined ? [] : describeOptions(plugin.options);
    const card = plugin?.kind === 'reward' ? plugin.card : undefined;
    const readsPrompts = plugin?.kind === 'reward' ? plugin.readsPrompts === true : undefined;
    if (flags.json) {
      const schema = plugin === undefined ? undefined : optionsJsonSchema(plugin.options);
      const { name: packageName, version } = from;
      const all = {
        kind,
        id,
        description,
        package: packageName,
        version,
        path,
        readsPrompts,
        card,
        options: schema,
      };
      process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
      return;
    }
    const lines = [`${kind} ${id}  (${[from.name, from.version].join(' ').trim()})`, description];
    if (card !== undefined) lines.push('', ...cardLines(card));
    if (readsPrompts) lines.push(`  ${'prompts'.padEnd(8)}  are read`);
    if (options === undefined) lines.push('', 'Its options schema cannot be shown.');
    else if (options.length > 0) lines.push('', 'options', ...optionsTable(options));
    else lines.push('', kind === 'checkpoint' ? `weights in ${path}` : 'It has no options.');
    lines.push('', `draft train ${usage(kind, isPathRequest(name) ? name : id, options ?? [])}`, '');
    process.stdout.write(lines.join('\n'));
  });
