import { type ConfigLayer, checkLayer, type Options } from './config-layer.js';
import { flagLayer } from './flags.js';
import { mergeLayers } from './merge-layers.js';
import { defaultOf } from './option.js';
import { readConfig } from './read-config.js';

/** What a user said in flags and in a config, checked but not yet filled in. */
export interface CommandLayers {
  /** The uppermost first. */
  readonly layers: readonly ConfigLayer[];
  /** One option as the user chose it, or its default. */
  peek(name: string): unknown;
}

/**
 * Reads the flags and the config of a command.
 * @param typed What the flags gave, `config` among them.
 */
export const readLayers = async (
  options: Options,
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<CommandLayers> => {
  const layers = [flagLayer(typed, options)];
  if (typeof typed.config === 'string') layers.push(await readConfig(typed.config, cwd));
  const merged = mergeLayers(layers.map((layer) => checkLayer(options, layer)));
  return {
    layers,
    peek: (name) => merged[name] ?? (options[name] && defaultOf(options[name])),
  };
};

/** What a user said to a command that has no such options. */
export const nothingSaid: CommandLayers = {
  layers: [],
  peek: (name) => (name === 'plugins' ? [] : undefined),
};
