import type { Runtime, TensorRecord } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { inPhase } from '../runtime/profile/phases.js';
import { type Tensor, tf } from '../runtime/tf.js';

/** Settings of AdamW; the defaults are PyTorch's, but for the decay, which is DRaFT's. */
export interface AdamwOptions {
  /** How much of the mean gradient stays at each step, `0..1`. @default 0.9 */
  readonly beta1?: number;
  /** How much of the mean squared gradient stays at each step, `0..1`. @default 0.999 */
  readonly beta2?: number;
  /** Added to the root mean square. @default 1e-8 */
  readonly epsilon?: number;
  /** Share of each parameter that is taken away at each step, times the learning rate. @default 0.1 */
  readonly weightDecay?: number;
  /** What sets a parameter apart, by its name. @default nothing */
  readonly settingsOf?: (name: string) => ParameterSettings;
}

/** What sets a parameter apart from the others. */
export interface ParameterSettings {
  /** Multiplies the learning rate. @default 1 */
  readonly rate?: number;
  /** Whether weight decay pulls it to zero. @default true */
  readonly decays?: boolean;
}

/** Everything that an optimiser remembers. */
export interface AdamwState {
  /** Updates so far. */
  readonly step: number;
  /** `first.<name>` and `second.<name>` for each parameter: means of the gradient and of its square. */
  readonly moments: TensorRecord;
}

/** Numbers of one update. */
export interface AdamwUpdate {
  readonly learningRate: number;
  /** Multiplies the gradients first: what clipping and averaging over a batch come to. @default 1 */
  readonly gradientScale?: number;
}

/** An optimiser. Parameters belong to the caller, moments to the optimiser. */
export interface Adamw {
  /**
   * Computes new parameters; the old ones and the gradients stay the caller's.
   * @param gradients One for each parameter, by the same name.
   */
  update(
    parameters: TensorRecord,
    gradients: TensorRecord,
    numbers: AdamwUpdate,
  ): Promise<Record<string, Tensor>>;
  /** What to save. The tensors stay the optimiser's and are valid until the next update. */
  state(): AdamwState;
  /** Goes on from a saved state, whose tensors are copied. */
  restore(state: AdamwState): void;
  /** Marks the present state as the one that `rollback` returns to; it is kept until the next mark. */
  mark(): void;
  /** Undoes the updates since the mark. */
  rollback(): void;
  /** Frees the moments and the compiled update. */
  dispose(): void;
}

/** What a parameter and what belongs to it is called in the compiled update. */
interface UpdateNames {
  readonly parameter: string;
  readonly gradient: string;
  readonly first: string;
  readonly second: string;
}

/** Made once: strings that name a property outlive all but the rare large collections of garbage. */
const createUpdateNames = (): ((name: string) => UpdateNames) => {
  const known = new Map<string, UpdateNames>();
  return (name) => {
    const names = known.get(name) ?? {
      parameter: `parameter.${name}`,
      gradient: `gradient.${name}`,
      first: `first.${name}`,
      second: `second.${name}`,
    };
    known.set(name, names);
    return names;
  };
};

/**
 * Makes an AdamW optimiser, in the order of operations of PyTorch:
 *
 * `θ ← (1 − ηλ) θ`, `m ← β₁ m + (1−β₁) g`, `v ← β₂ v + (1−β₂) g²`,
 * `θ ← θ − η/(1−β₁ᵗ) · m / (√v / √(1−β₂ᵗ) + ε)`.
 * @see {@link https://arxiv.org/abs/1711.05101} algorithm 2
 */
export const createAdamw = (runtime: Pick<Runtime, 'compile'>, options: AdamwOptions = {}): Adamw => {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.1, settingsOf } = options;
  let step = 0;
  let moments: Record<string, Tensor> = {};
  let marked: { readonly step: number; readonly moments: Record<string, Tensor> } | undefined;
  const mark = () => {
    if (marked && marked.moments !== moments) tf.dispose(marked.moments);
    marked = { step, moments };
  };
  const rollback = () => {
    if (!marked) return;
    if (marked.moments !== moments) tf.dispose(moments);
    ({ step, moments } = marked);
  };

  /** A parameter less its decay; a learning rate of its own decays it by as much more. */
  const decayed = (
    parameter: Tensor,
    kept: Tensor,
    { rate = 1, decays = true }: ParameterSettings,
  ): Tensor => {
    if (!decays) return parameter;
    return tf.mul(parameter, rate === 1 ? kept : tf.sub(1, tf.mul(rate, tf.sub(1, kept))));
  };

  const namesOf = createUpdateNames();
  const parameterPrefix = /^parameter\./;

  const compiled = runtime.compile('adamw', (inputs: TensorRecord) => {
    const { gradientScale, kept, stride, root } = inputs as Record<string, Tensor>;
    const output: Record<string, Tensor> = {};
    for (const key of Object.keys(inputs).filter((each) => parameterPrefix.test(each))) {
      const name = key.replace(parameterPrefix, '');
      const names = namesOf(name);
      const gradient = tf.mul(inputs[names.gradient]!, gradientScale!);
      const first = tf.add(tf.mul(inputs[names.first]!, beta1), tf.mul(gradient, 1 - beta1));
      const square = tf.mul(tf.square(gradient), 1 - beta2);
      const second = tf.add(tf.mul(inputs[names.second]!, beta2), square);
      const direction = tf.div(first, tf.add(tf.div(tf.sqrt(second), root!), epsilon));
      const settings = settingsOf?.(name) ?? {};
      const own = settings.rate === undefined ? direction : tf.mul(direction, settings.rate);
      output[names.parameter] = tf.sub(decayed(inputs[key]!, kept!, settings), tf.mul(own, stride!));
      output[names.first] = first;
      output[names.second] = second;
    }
    return output;
  });

  return {
    async update(parameters, gradients, { learningRate, gradientScale = 1 }) {
      const next = step + 1;
      const inputs: Record<string, Tensor> = {
        gradientScale: tf.scalar(gradientScale),
        kept: tf.scalar(1 - learningRate * weightDecay),
        stride: tf.scalar(learningRate / (1 - beta1 ** next)),
        root: tf.scalar(Math.sqrt(1 - beta2 ** next)),
      };
      const scalars = Object.values(inputs);
      const before = moments;
      for (const [name, parameter] of Object.entries(parameters)) {
        const gradient = gradients[name];
        if (!gradient) {
          tf.dispose(scalars);
          throw new DraftError('DRAFT_GRADIENT_MISSING', `There is no gradient for the parameter ${name}.`);
        }
        const names = namesOf(name);
        inputs[names.parameter] = parameter;
        inputs[names.gradient] = gradient;
        for (const key of [names.first, names.second]) {
          before[key] ??= tf.zerosLike(parameter);
          inputs[key] = before[key];
        }
      }
      const result = await inPhase('optimiser', undefined, () => compiled(inputs));
      tf.dispose(scalars);
      if (before !== marked?.moments) tf.dispose(before);
      step = next;
      moments = {};
      const updated: Record<string, Tensor> = {};
      for (const name of Object.keys(parameters)) {
        const names = namesOf(name);
        updated[name] = result[names.parameter]!;
        moments[names.first] = result[names.first]!;
        moments[names.second] = result[names.second]!;
      }
      return updated;
    },
    state: () => ({ step, moments }),
    restore(state) {
      const copies = Object.entries(state.moments).map(([name, tensor]): [string, Tensor] => [
        name,
        tf.tidy(() => tf.mul(tensor, 1)),
      ]);
      rollback();
      tf.dispose(moments);
      moments = Object.fromEntries(copies);
      step = state.step;
      marked = undefined;
    },
    mark,
    rollback,
    dispose() {
      rollback();
      tf.dispose(moments);
      moments = {};
      marked = undefined;
      compiled.dispose();
    },
  };
};
