import { DraftError } from '@draft/core/plugins';
import { evaluateOptions } from '../config/evaluate-options.js';
import { defaultOf, flagOf } from '../config/option.js';
import { modelFingerprint } from './model-fingerprint.js';
import type { PreparedEvaluation } from './prepare-evaluation.js';
import type { EvaluationPrompt } from './prompts/evaluation-prompt.js';

/** What makes evaluations different from one another; `config.json` holds it, and an evaluation is gone on with only as it was begun. */
export interface EvaluationIdentity {
  readonly prompts: readonly EvaluationPrompt[];
  readonly loras: readonly {
    readonly file: string;
    readonly strength: number;
    readonly sha256: string;
    /** SHA-256 of the sampling weights beside it; null where there are none, absent in records of an earlier version. */
    readonly sampling?: string | null;
  }[];
  /** Names, weights and options, and the plugin of one that is called otherwise. */
  readonly rewards: readonly {
    readonly name: string;
    readonly weight: number;
    readonly options: unknown;
    readonly plugin?: string;
  }[];
  /** What tells the model from what it was before; absent in records of an earlier version. */
  readonly fingerprint?: string;
  /** Every other option that decides about the results, by its name in configs. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** `config.json` of an evaluation. */
export interface EvaluationRecord extends EvaluationIdentity {
  readonly kind: 'evaluation';
  /** Every option, resolved. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly model: { readonly description: string; readonly path: string };
  readonly checkpoints: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  /** Where the modules of its plugins lay; absent in what earlier versions recorded. */
  readonly pluginPaths?: Readonly<Record<string, string>>;
  readonly command: string;
}

const settingNames = [
  'model',
  'modelSet',
  'perPrompt',
  'embedding',
  'sampler',
  'samplerSet',
  'steps',
  'guidance',
  'size',
  'batch',
  'seed',
  'dtype',
  'pictures',
  'strategySet',
] as const;

const defaultsOf: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(evaluateOptions).map(([name, schema]) => [name, defaultOf(schema)]),
);

/** What makes this evaluation different from others. */
export const identityOf = ({
  config,
  plan,
  place,
  loras,
  rewards,
}: PreparedEvaluation): EvaluationIdentity => ({
  prompts: plan.prompts,
  fingerprint: modelFingerprint(place.path),
  loras: loras.map(({ file, strength, sha256, sampling }) => ({ file, strength, sha256, sampling })),
  rewards: rewards.map(({ name, weight, options, plugin }) => ({
    ...{ name, weight, options },
    ...(plugin.name === name ? {} : { plugin: plugin.name }),
  })),
  settings: {
    ...Object.fromEntries(settingNames.map((name) => [name, config[name] ?? null])),
    scales: plan.variants.filter(({ strategy }) => strategy === null).map(({ scale }) => scale),
    strategy: config.strategy,
  },
});

/** Whether what was read is a record of an evaluation. */
export const isEvaluationRecord = (value: unknown): value is EvaluationRecord => {
  const { kind, options, prompts, loras, rewards, settings } = (value ?? {}) as Partial<EvaluationRecord>;
  return (
    kind === 'evaluation' &&
    [options, settings].every((item) => typeof item === 'object' && item !== null) &&
    [prompts, loras, rewards].every(Array.isArray)
  );
};

/** As JSON, in which the record was kept, with sorted keys. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  ) ?? 'null';

const show = (value: unknown): string => {
  const text = value === null ? 'the default' : plain(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/**
 * Refuses to go on with an evaluation in another way than it was begun.
 * @param folder As a user would type it.
 * @throws DraftError `DRAFT_EVALUATION_CHANGED` that names what differs.
 */
export const requireSame = (recorded: EvaluationIdentity, now: EvaluationIdentity, folder: string): void => {
  const refuse = (difference: string) =>
    new DraftError(
      'DRAFT_EVALUATION_CHANGED',
      `${folder} holds an evaluation ${difference}: go on as it was begun (--resume ${folder}), or choose another --output.`,
    );
  for (const [name, value] of Object.entries(now.settings)) {
    // An evaluation of an earlier version knows nothing of what came later.
    const before = Object.hasOwn(recorded.settings, name)
      ? recorded.settings[name]
      : (defaultsOf[name] ?? null);
    if (plain(before) === plain(value)) continue;
    throw refuse(`with another ${flagOf(name)} (${show(before)}, now ${show(value)})`);
  }
  if (recorded.fingerprint !== undefined && recorded.fingerprint !== now.fingerprint) {
    throw refuse(`of the model ${show(now.settings.model)} as it was before it was changed`);
  }
  if (plain(recorded.rewards) !== plain(now.rewards)) {
    const list = (rewards: EvaluationIdentity['rewards']) =>
      rewards.map(({ name, weight }) => (weight === 1 ? name : `${name}:${weight}`)).join(', ');
    const [before, after] = [list(recorded.rewards), list(now.rewards)];
    throw refuse(
      before === after ? 'with other options of its rewards' : `by other rewards (${before}, now ${after})`,
    );
  }
  if (recorded.loras.length !== now.loras.length) {
    throw refuse(`of ${recorded.loras.length} LoRAs, not ${now.loras.length}`);
  }
  for (const [i, lora] of now.loras.entries()) {
    const before = recorded.loras[i];
    if (before?.sha256 !== lora.sha256) {
      throw refuse(
        before?.file === lora.file
          ? `of ${lora.file} as it was before it was changed`
          : `of another LoRA (${before?.file}, now ${lora.file})`,
      );
    }
    if (before.sampling !== undefined && before.sampling !== lora.sampling) {
      throw refuse(`of ${lora.file} with other sampling weights beside it`);
    }
    if (before.strength !== lora.strength) {
      throw refuse(`of ${lora.file} at ${before.strength} times its strength, not ${lora.strength}`);
    }
  }
  if (plain(recorded.prompts) === plain(now.prompts)) return;
  throw refuse(
    recorded.prompts.length === now.prompts.length
      ? 'on other prompts'
      : `on ${recorded.prompts.length} prompts, not ${now.prompts.length}`,
  );
};
