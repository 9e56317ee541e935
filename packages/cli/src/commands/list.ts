import {
  DraftError,
  nearestName,
  type PluginCatalogue,
  parsePluginKind,
  pluginKinds,
} from '@draft/core/plugins';
import { Command } from 'commander';
import { addPlaceFlags, readPlaces } from '../config/plugin-place-options.js';
import { findPlugins } from '../setup/find-plugins.js';

const asText = ({ plugins, broken }: PluginCatalogue): string => {
  const idWidth = Math.max(0, ...plugins.map(({ id }) => id.length));
  const nameWidth = Math.max(0, ...plugins.map((plugin) => plugin.package.name.length));
  const lines: string[] = [];
  for (const kind of pluginKinds) {
    const rows = plugins.filter((plugin) => plugin.kind === kind);
    if (rows.length === 0) continue;
    lines.push(`${kind}s`);
    for (const { id, summary, package: from } of rows) {
      lines.push(
        `  ${id.padEnd(idWidth)}  ${from.name.padEnd(nameWidth)}  ${from.version}  ${summary}`.trimEnd(),
      );
    }
    lines.push('');
  }
  if (broken.length > 0) {
    lines.push('cannot be used');
    for (const { package: name, reason } of broken) lines.push(`  ${name}: ${reason}`);
    lines.push('');
  }
  if (lines.length === 0) return 'No plugins are installed.\n';
  return `${lines.join('\n')}draft describe KIND NAME shows the options of one.\n`;
};

const asJson = ({ plugins, broken }: PluginCatalogue): string =>
  `${JSON.stringify(
    {
      plugins: plugins.map(({ kind, id, summary, path, origin, package: { name, version } }) => ({
        kind,
        id,
        summary,
        package: name,
        version,
        origin,
        path,
      })),
      broken,
    },
    null,
    2,
  )}\n`;

/** `draft list`: what is installed, from manifests alone, and what modules bring that are named. */
export const listCommand = (): Command =>
  addPlaceFlags(
    new Command('draft list')
      .description('List the installed models, checkpoints, samplers, algorithms and rewards.')
      .argument('[kind]', `only one kind: ${pluginKinds.join(', ')}`)
      .option('--json', 'print JSON'),
  ).action(
    async (kindText: string | undefined, options: Readonly<Record<string, unknown>>): Promise<void> => {
      const kind = kindText === undefined ? undefined : parsePluginKind(kindText);
      if (kindText !== undefined && kind === undefined) {
        const nearest = nearestName(kindText, pluginKinds);
        const hint =
          nearest === undefined ? `kinds are ${pluginKinds.join(', ')}.` : `did you mean "${nearest}"?`;
        throw new DraftError(
          'DRAFT_KIND_UNKNOWN',
          `There is no kind of plugin called "${kindText}": ${hint}`,
        );
      }
      const cwd = process.cwd();
      const found = await findPlugins(cwd, await readPlaces(options, cwd));
      const shown = { ...found, plugins: found.plugins.filter((plugin) => !kind || plugin.kind === kind) };
      process.stdout.write(options.json ? asJson(shown) : asText(shown));
    },
  );
