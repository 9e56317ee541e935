import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DraftError } from '@draft/core';
import { type CommandLayers, readLayers } from '../config/command-layers.js';
import { compareOptions } from '../config/compare-options.js';
import { type ConfigLayer, checkLayer, type Options } from '../config/config-layer.js';
import { mergeLayers } from '../config/merge-layers.js';
import { defaultOf } from '../config/option.js';
import { refuseFile } from '../run/make-folder.js';
import { openFolder, type RunFolder, readRunJson, timeStamp } from '../run/run-folder.js';
import type { Comparison } from './comparison.js';

/** Where a comparison stands, and what it was told. */
export interface OpenedComparison {
  readonly folder: RunFolder;
  readonly layers: CommandLayers;
  /** What was there before; undefined where it is a new one. */
  readonly recorded: Comparison | undefined;
}

const readRecorded = (folder: RunFolder): Comparison | undefined => {
  const path = folder.file('compare.json');
  if (!existsSync(path)) return undefined;
  const { version, options, algorithms } = (readRunJson(path) ?? {}) as Partial<Comparison>;
  if (version === 1 && typeof options === 'object' && Array.isArray(algorithms)) {
    return readRunJson(path) as Comparison;
  }
  throw new DraftError('DRAFT_RUN_DAMAGED', `${path} does not say what is compared: it cannot be continued.`);
};

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;

const listed = (value: unknown): readonly string[] =>
  isRecord(value) && !Array.isArray(value)
    ? Object.entries(value).map(([key, one]) => `${key}=${one}`)
    : [value].flat().flatMap((text) => (text === undefined ? [] : String(text).split(',')));

/** What is added to a list of before. */
const joined = (before: unknown, more: unknown): readonly string[] => [
  ...new Set([...listed(before), ...listed(more)]),
];

const newFolder = (cwd: string): string => {
  const name = `${timeStamp(new Date())}-comparison`;
  let path = resolve(cwd, 'runs', name);
  for (let i = 2; existsSync(path); i += 1) path = resolve(cwd, 'runs', `${name}-${i}`);
  return path;
};

/**
 * Finds the folder of a comparison and what it is told: flags over config, with `--resume` over what was said before. Algorithms
 * given with `--resume` come to those of before.
 * @throws DraftError where the folder holds something else, or nothing that could be continued.
 */
export const openComparison = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<OpenedComparison> => {
  if (typeof typed.resume !== 'string') {
    const layers = await readLayers(compareOptions, typed, cwd);
    const output = layers.peek('output');
    const path = typeof output === 'string' ? resolve(cwd, output) : newFolder(cwd);
    refuseFile(path);
    if (existsSync(join(path, 'metrics.jsonl')) || existsSync(join(path, 'config.json'))) {
      throw new DraftError(
        'DRAFT_OUTPUT_TAKEN',
        `${String(output)} holds other results of draft: choose another --output.`,
      );
    }
    const folder = openFolder(path, cwd);
    return { folder, layers, recorded: readRecorded(folder) };
  }
  if (typed.output !== undefined) {
    throw new DraftError(
      'DRAFT_RESUME_OPTION',
      '--output cannot be given with --resume: it names the folder.',
    );
  }
  const folder = openFolder(resolve(cwd, typed.resume), cwd);
  const recorded = readRecorded(folder);
  if (recorded === undefined) {
    throw new DraftError(
      'DRAFT_RESUME_MISSING',
      `${typed.resume} holds no comparison that could be continued.`,
    );
  }
  const said = await readLayers(compareOptions, typed, cwd);
  const own: ConfigLayer = {
    values: recorded.options,
    flags: false,
    where: () => folder.file('compare.json'),
  };
  const merged = mergeLayers([...said.layers, own].map((layer) => checkLayer(compareOptions, layer)));
  const values = {
    ...merged,
    algorithms: joined(recorded.options.algorithms, said.peek('algorithms')),
    learningRateFor: joined(recorded.options.learningRateFor, merged.learningRateFor),
  };
  const peek = (name: string): unknown => {
    const schema = (compareOptions as Options)[name];
    return Reflect.get(values, name) ?? (schema && defaultOf(schema));
  };
  return { folder, layers: { layers: [{ ...own, values }], peek }, recorded };
};
