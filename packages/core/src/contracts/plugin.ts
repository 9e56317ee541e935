import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { DraftError } from '../errors/draft-error.js';
import type { Algorithm } from './algorithm.js';
import type { DiffusionModel } from './diffusion-model.js';
import type { GradientPolicy } from './gradient-policy.js';
import type { HubOptions } from './hub-options.js';
import type { AnyReward, Reward } from './reward.js';
import type { RewardCard } from './reward-card.js';
import type { Runtime } from './runtime.js';
import type { Sampler } from './sampler.js';

/** What a plugin is given when it is made. */
export interface PluginContext {
  readonly runtime: Runtime;
  /** Writes one line for the user. */
  readonly log: (message: string) => void;
  /** How checkpoints are downloaded; absent, as the environment says, with lines to `log`. */
  readonly hub?: HubOptions;
}

/** What every plugin has in common. */
interface PluginBase<Kind extends string, Options> {
  readonly specVersion: 1;
  readonly kind: Kind;
  /** The name that users type; equal to the key in the package's manifest. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Validates options and fills in defaults; strict, so that a misspelt option is refused. */
  readonly options: StandardSchemaV1<unknown, Options>;
}

/** Brings a reward. Default export of its package. */
export interface RewardPlugin<Options = unknown, Made extends AnyReward = Reward>
  extends PluginBase<'reward', Options> {
  /** False where no options give a gradient, so that this can be said before anything is loaded. */
  readonly differentiable?: false;
  /** True where a picture's score depends on its prompt, so that pictures without prompts can be refused. */
  readonly readsPrompts?: true;
  /** What a user should know of it before training on it. */
  readonly card?: RewardCard;
  create(options: Options, context: PluginContext): Made | Promise<Made>;
}

/** Brings a training algorithm: one that draws plans, unless `Made` says that it brings its own estimator. */
export interface AlgorithmPlugin<Options = unknown, Made extends Algorithm = GradientPolicy>
  extends PluginBase<'algorithm', Options> {
  create(options: Options): Made;
}

/** Brings a sampler. */
export interface SamplerPlugin<Options = unknown> extends PluginBase<'sampler', Options> {
  create(options: Options): Sampler;
}

/** Brings an architecture: recognises checkpoints and loads them. */
export interface ModelPlugin<Options = unknown> extends PluginBase<'model', Options> {
  /** Options with which a model needs less memory, mildest first; tried one by one where a run does not fit. */
  readonly savings?: readonly Readonly<Record<string, unknown>>[];
  /**
   * Whether what stands at `path` is for this plugin to load; reads metadata only. The first plugin that says so loads it:
   * true for nothing that another plugin could load.
   */
  recognises(path: string): Promise<boolean>;
  /**
   * Why what stands at `path` cannot be loaded, in one sentence that says what it is; null where the plugin knows nothing
   * of it. Asked only where no plugin recognises the path.
   */
  explains?(path: string): Promise<DraftError | null>;
  /**
   * Loads a checkpoint, one tensor at a time.
   * @param progress Called with the share that is loaded, `0..1`.
   * @param options As the schema gives them. @default its defaults
   */
  load(
    path: string,
    context: PluginContext,
    progress?: (share: number) => void,
    options?: Options,
  ): Promise<DiffusionModel>;
}

/** Any plugin. */
export type Plugin =
  | RewardPlugin<never, AnyReward>
  | AlgorithmPlugin<never, Algorithm>
  | SamplerPlugin<never>
  | ModelPlugin<never>;
