import { isDeepStrictEqual } from 'node:util';
import { type Algorithm, DraftError } from '@draft/core';
import { describeOptions, nearestName } from '@draft/core/plugins';
import type { CommandLayers } from '../config/command-layers.js';
import { compareOptions } from '../config/compare-options.js';
import { type ConfigLayer, checkLayer, type Options } from '../config/config-layer.js';
import { mergeLayers } from '../config/merge-layers.js';
import { defaultOf, flagOf } from '../config/option.js';
import { type TrainConfig, trainOptions } from '../config/train-options.js';
import type { Progress } from '../progress/progress.js';
import { createAlgorithm } from '../setup/create-algorithm.js';
import { openPlugins, type PluginAccess } from '../setup/plugin-access.js';
import { type PreparedTraining, prepareTraining } from '../setup/prepare-training.js';
import type { ContenderRequest } from './parse-contender.js';

/** What an entry of `--algorithms` may set beside the algorithm's own options. */
const ownSettings = ['queries', 'batch', 'stopGradient', 'earlyStop', 'basePenalty', 'klPenalty'] as const;

/** Hold trained steps to the base model where there are any; off unless they are asked for. */
const penalties = ['basePenalty', 'klPenalty'];

/** An algorithm that is compared, ready to be trained with. */
export interface Contender {
  readonly request: ContenderRequest;
  /** Name of its folders. */
  readonly id: string;
  /** What figures call it. */
  readonly label: string;
  readonly prepared: PreparedTraining;
  readonly algorithm: Algorithm;
  /** Reward queries of its own; undefined where it has those of all. */
  readonly queries: number | undefined;
  /** What a user would say to `draft train`, without seed, iterations, learning rate of its own and output. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What decides the numbers of a run of a contender and is its own. */
export interface OwnConfig
  extends Pick<
    TrainConfig,
    'algorithm' | 'set' | 'batch' | 'stopGradient' | 'earlyStop' | 'basePenalty' | 'klPenalty'
  > {
  readonly queries?: number;
}

/** What is a contender's own. */
export const ownConfig = ({ prepared, queries }: Contender): OwnConfig => {
  const { algorithm, set, batch, stopGradient, earlyStop, basePenalty, klPenalty } = prepared.config;
  const own = { algorithm, set, batch, stopGradient, earlyStop, basePenalty, klPenalty };
  return queries === undefined ? own : { ...own, queries };
};

const trainLayer = (layer: ConfigLayer): ConfigLayer => ({
  ...layer,
  values: Object.fromEntries(
    Object.entries(layer.values).filter(([name]) => Object.hasOwn(trainOptions, name)),
  ),
});

/** Parts what an entry sets into the algorithm's own options and settings of its runs. */
const divide = (
  { text, values }: ContenderRequest,
  plugin: Awaited<ReturnType<PluginAccess['load']>>,
): { readonly set: Record<string, unknown>; readonly settings: Record<string, unknown> } => {
  const known = describeOptions(plugin.options)?.map(({ name }) => name);
  const set: Record<string, unknown> = {};
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (known?.includes(key)) set[key] = value;
    else if ((ownSettings as readonly string[]).includes(key)) settings[key] = value;
    else if (known === undefined) set[key] = value;
    else {
      const all = [...known, ...ownSettings];
      const nearest = nearestName(key, all);
      throw new DraftError(
        'DRAFT_OPTION_UNKNOWN',
        `--algorithms ${text}: there is no option "${key}": ${nearest === undefined ? `there are ${all.join(', ')}.` : `did you mean "${nearest}"?`}`,
      );
    }
  }
  return { set, settings };
};

/**
 * Checks every algorithm with its options as `draft train` would, before anything is computed.
 * @param layers What `draft compare` was told.
 * @throws DraftError that names what is unknown or impossible.
 */
export const prepareContenders = async (
  requests: readonly ContenderRequest[],
  said: CommandLayers,
  cwd: string,
  progress: Progress,
): Promise<readonly Contender[]> => {
  const plugins = await openPlugins(cwd, said, progress.log);
  const { layers, peek } = said;
  const shared = layers.map(trainLayer);
  const held = penalties.filter((name) => Object.hasOwn(trainOptions, name));
  const contenders: Contender[] = [];
  for (const request of requests) {
    const plugin = await plugins.load('algorithm', request.name);
    const { set, settings: all } = divide(request, plugin);
    const { queries, ...settings } = all;
    if (queries !== undefined && !(Number.isInteger(queries) && Number(queries) > 0)) {
      throw new DraftError(
        'DRAFT_OPTION_INVALID',
        `--algorithms ${request.text}: queries must be a whole number of at least 1 (given: ${String(queries)}).`,
      );
    }
    const own = {
      algorithm: request.name,
      set,
      ...Object.fromEntries(held.map((name) => [name, peek(name) ?? 0])),
      ...settings,
    };
    const top: ConfigLayer = { values: own, flags: true, where: () => `--algorithms ${request.text}` };
    const layered = [top, ...shared];
    const prepared = await prepareTraining(
      { layers: layered, peek: (name) => Reflect.get(own, name) ?? peek(name) },
      cwd,
      progress,
    );
    const label = [
      plugin.name,
      ...Object.entries({ ...set, ...settings }).map(([key, value]) => `${key}=${value}`),
    ].join(' ');
    contenders.push({
      request,
      id: label.replace(/[^\w.-]+/g, '-'),
      label,
      prepared,
      queries: queries as number | undefined,
      algorithm: createAlgorithm(prepared.algorithm, prepared.config),
      values: mergeLayers(layered.map((layer) => checkLayer(trainOptions, layer))),
    });
  }
  const twice = contenders.find(({ id }, i) => contenders.findIndex((other) => other.id === id) !== i);
  if (twice === undefined) return contenders;
  throw new DraftError('DRAFT_OPTION_INVALID', `--algorithms names ${twice.label} twice: name it once.`);
};

/** A run with another of these is the same run, or the comparison decides them. */
const free = new Set([
  ...['algorithm', 'set', 'batch', 'stopGradient', 'earlyStop', 'basePenalty', 'klPenalty'],
  ...['learningRate', 'iterations', 'seed'],
  ...['output', 'sampleEvery', 'checkpointEvery', 'keep', 'backend', 'plugins', 'discover', 'memory'],
  ...['watchReward', 'guard', 'guardSamples', 'guardEmbedding', 'tensorboard', 'profile'],
]);

/** What all runs of a comparison have in common and decides their numbers. */
export const sharedConfig = ({ prepared }: Contender): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(prepared.config).filter(([name, value]) => !free.has(name) && value !== undefined),
  );

/**
 * Refuses to put runs of different settings into one comparison.
 * @param what Begins the sentence, as in `drtune: `; may be empty.
 * @throws DraftError `DRAFT_COMPARISON_SETTINGS` that names the first difference.
 */
export const refuseChange = (
  recorded: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  folder: string,
  what = '',
): void => {
  // As JSON reads it back.
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  const shown = (value: unknown): string => {
    const text = JSON.stringify(value ?? null);
    return value == null ? 'not given' : text.length > 60 ? `${text.slice(0, 57)}...` : text;
  };
  // A version that knew an option not yet, or knows it no longer, behaved as with its default.
  const known = { ...trainOptions, ...compareOptions } as Options;
  const valueIn = (record: Readonly<Record<string, unknown>>, name: string): unknown =>
    plain(record[name] ?? (known[name] && defaultOf(known[name])));
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(now)])) {
    const forgotten = known[name] === undefined || free.has(name);
    if (now[name] === undefined && forgotten) continue;
    if (isDeepStrictEqual(valueIn(recorded, name), valueIn(now, name))) continue;
    throw new DraftError(
      'DRAFT_COMPARISON_SETTINGS',
      `${what}${flagOf(name)} was ${shown(recorded[name])} in ${folder} and cannot become ${shown(now[name])} there: choose another --output.`,
    );
  }
};
