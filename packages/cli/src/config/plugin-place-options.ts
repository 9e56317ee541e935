import type { Command } from 'commander';
import type { PluginPlaces } from '../setup/find-plugins.js';
import { checkLayer } from './config-layer.js';
import { addFlags, flagLayer } from './flags.js';
import { mergeLayers } from './merge-layers.js';
import { readConfig } from './read-config.js';
import { sharedOptions } from './shared-options.js';

const { plugins, discover } = sharedOptions;

const placeOptions = { plugins, discover };

/** Gives a command that looks at plugins the flags that say where to look for them. */
export const addPlaceFlags = (command: Command): Command =>
  addFlags(
    command.option('--config <FILE>', 'look where this config looks for plugins, and at those that it holds'),
    placeOptions,
  );

/** Where to look for plugins, by flags and a config of any command; nothing else in the config is looked at. */
export const readPlaces = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<PluginPlaces> => {
  const layers = [flagLayer(typed, placeOptions)];
  if (typeof typed.config === 'string') {
    const { values, ...config } = await readConfig(typed.config, cwd);
    const own = Object.entries(values).filter(([name]) => Object.hasOwn(placeOptions, name));
    layers.push({ ...config, values: Object.fromEntries(own) });
  }
  const { plugins: packages = [], discover: further } = mergeLayers(
    layers.map((layer) => checkLayer(placeOptions, layer)),
  );
  return { packages: packages as readonly string[], discover: further !== false };
};
