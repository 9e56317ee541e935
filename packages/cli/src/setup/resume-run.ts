import { DraftError } from '@draft/core/plugins';
import type { CommandLayers } from '../config/command-layers.js';
import { checkLayer } from '../config/config-layer.js';
import { flagLayer } from '../config/flags.js';
import { flagOf } from '../config/option.js';
import { trainOptions } from '../config/train-options.js';
import { openRunFolder, type RunFolder, readRunJson } from '../run/run-folder.js';

/** What may be said anew when a run is continued: it changes nothing of what is computed, or only its end. */
const changeable = new Set([
  'iterations',
  'sampleEvery',
  'checkpointEvery',
  'keep',
  'backend',
  'microBatch',
  'keepSteps',
  'plugins',
  'noDiscover',
  'guard',
  'profile',
  'memory',
]);

/** What `config.json` of a run records. */
export interface RecordedConfig {
  /** Every option, resolved. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly prompts: readonly string[];
  readonly heldOut: readonly string[];
  /** Commits of what came from the Hub, by `hf:org/name[@revision]`. */
  readonly checkpoints?: Readonly<Record<string, string>>;
  readonly command: string;
}

/** A run that is to be continued. */
export interface ResumedRun {
  readonly folder: RunFolder;
  readonly layers: CommandLayers;
  readonly recorded: RecordedConfig;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isRecorded = (value: unknown): value is RecordedConfig => {
  const { options, prompts, heldOut, checkpoints = {} } = (value ?? {}) as Partial<RecordedConfig>;
  return (
    isObject(options) &&
    Array.isArray(prompts) &&
    Array.isArray(heldOut) &&
    isObject(checkpoints) &&
    Object.values(checkpoints).every((commit) => /^[0-9a-f]{40}$/.test(String(commit)))
  );
};

/**
 * Reads what a run was told, to continue it to the bit.
 * @param typed Flags; only those that leave what is computed alone are taken.
 * @throws DraftError where the folder holds no run, or a flag would make it another run.
 */
export const resumeRun = (
  typed: Readonly<Record<string, unknown>>,
  request: string,
  cwd: string,
): ResumedRun => {
  const folder = openRunFolder(request, cwd);
  for (const name of Object.keys(typed)) {
    if (changeable.has(name) || name === 'resume') continue;
    throw new DraftError(
      'DRAFT_RESUME_OPTION',
      `${flagOf(name)} cannot be changed when a run is continued: only ${[...changeable].map(flagOf).join(', ')} can.`,
    );
  }
  const recorded = readRunJson(folder.file('config.json'));
  if (!isRecorded(recorded)) {
    throw new DraftError(
      'DRAFT_RUN_DAMAGED',
      `${folder.file('config.json')} does not say how the run was made: it cannot be continued.`,
    );
  }
  // A run that knows nothing of a guard has no readings for it. Profiles are made when they are asked for.
  const base = {
    values: { guard: 'off', ...recorded.options, profile: false },
    flags: false,
    where: () => folder.file('config.json'),
  };
  const flags = flagLayer(typed, trainOptions);
  const merged = { ...checkLayer(trainOptions, base), ...checkLayer(trainOptions, flags) };
  const layer = { ...base, values: merged };
  return { folder, recorded, layers: { layers: [layer], peek: (name) => Reflect.get(merged, name) } };
};
