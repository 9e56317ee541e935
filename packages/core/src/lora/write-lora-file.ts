import { DraftError } from '../errors/draft-error.js';
import { type TensorToStore, writeSafetensors } from '../files/write-safetensors.js';
import { kohyaName } from './kohya-names.js';
import { loraDifference } from './lora-difference.js';
import { type LoraFamily, loraFamilies } from './lora-family.js';
import { downWidth, type LoraModule, moduleKey } from './lora-module.js';
import { readLoraFile } from './read-lora-file.js';

/** Formats that are written. */
export type WrittenLoraFormat = 'peft' | 'kohya';

/** How a LoRA file is written. */
export interface WriteLoraFileOptions {
  /** @default 'peft' */
  readonly format?: WrittenLoraFormat | undefined;
  /** How numbers are stored. @default 'F32' */
  readonly dtype?: 'F32' | 'F16' | 'BF16' | undefined;
  /** The architecture that it is for; kohya's names depend on it. */
  readonly family?: LoraFamily | undefined;
  /** Texts for the header, beside those of the format. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** The largest difference that rounding to a type makes, relative to the update: some units in the last place. */
const tolerances = { F32: 1e-6, F16: 4e-3, BF16: 3e-2 } as const;

const invalid = (path: string, reason: string) =>
  new DraftError('DRAFT_LORA_INVALID', `${path} cannot be written: ${reason}.`);

const shapes = ({ rank, inFeatures, outFeatures, kernel }: LoraModule) => ({
  down: kernel ? [rank, inFeatures, ...kernel] : [rank, inFeatures],
  up: kernel ? [outFeatures, rank, 1, 1] : [outFeatures, rank],
});

const scaled = (values: Float32Array, factor: number): Float32Array =>
  factor === 1 ? values : values.map((value) => value * factor);

/** PEFT's names, the scale in `B`: readers take `α = r` where a file does not say. */
const peftTensors = (module: LoraModule, dtype: 'F32' | 'F16' | 'BF16'): [string, TensorToStore][] => {
  const { down, up } = shapes(module);
  const name = moduleKey(module);
  return [
    [`${name}.lora_A.weight`, { shape: down, data: module.down, dtype }],
    [`${name}.lora_B.weight`, { shape: up, data: scaled(module.up, module.scale), dtype }],
  ];
};

/** Kohya's names with an alpha for each layer; a scale that is not positive cannot be one, and goes into `B`. */
const kohyaTensors = (
  path: string,
  module: LoraModule,
  dtype: 'F32' | 'F16' | 'BF16',
  sdxl: boolean,
): [string, TensorToStore][] => {
  const name = kohyaName(module, sdxl);
  if (name === null) throw invalid(path, `kohya’s format has no name for the layer ${moduleKey(module)}`);
  const { down, up } = shapes(module);
  const { rank, scale } = module;
  const alpha = scale > 0 ? Math.fround(scale * rank) : rank;
  return [
    [`${name}.lora_down.weight`, { shape: down, data: module.down, dtype }],
    [`${name}.lora_up.weight`, { shape: up, data: scale > 0 ? module.up : scaled(module.up, scale), dtype }],
    [`${name}.alpha`, { shape: [], data: Float32Array.of(alpha) }],
  ];
};

/** One number where all modules share it, as kohya's scripts write it. */
const shared = (numbers: readonly number[]): string => {
  const [first, ...rest] = [...new Set(numbers)];
  return first === undefined || rest.length > 0 ? 'Dynamic' : String(first);
};

const kohyaMetadata = (
  modules: readonly LoraModule[],
  family: LoraFamily,
): Readonly<Record<string, string>> => ({
  ss_base_model_version: family,
  ss_network_module: 'networks.lora',
  ss_network_dim: shared(modules.map(({ rank }) => rank)),
  ss_network_alpha: shared(modules.map(({ rank, scale }) => (scale > 0 ? Math.fround(scale * rank) : rank))),
  ss_network_args: '{}',
  ss_v2: family === 'sd_v2' ? 'True' : 'False',
  'modelspec.sai_model_spec': '1.0.0',
});

const requireSound = (path: string, modules: readonly LoraModule[]): void => {
  if (modules.length === 0) throw invalid(path, 'a LoRA without layers changes nothing');
  for (const module of modules) {
    const { down, up, rank, outFeatures, scale } = module;
    const layer = moduleKey(module);
    if (down.length !== rank * downWidth(module) || up.length !== rank * outFeatures) {
      throw invalid(path, `the weights of ${layer} do not have the sizes that are said of them`);
    }
    if (!Number.isFinite(scale) || !down.every(Number.isFinite) || !up.every(Number.isFinite)) {
      throw invalid(path, `the weights of ${layer} are not all finite numbers`);
    }
  }
};

/** Reads the file again and compares each update with what was to be written. */
const selfTest = (path: string, modules: readonly LoraModule[], dtype: 'F32' | 'F16' | 'BF16'): void => {
  const failed = (reason: string, cause?: unknown) =>
    new DraftError(
      'DRAFT_LORA_SELF_TEST',
      `${path} was written, but does not hold the LoRA that was meant: ${reason}${dtype === 'F16' ? '; bf16 holds larger and smaller numbers' : ''}.`,
      { cause },
    );
  let read: ReadonlyMap<string, LoraModule>;
  try {
    read = new Map(readLoraFile(path).modules.map((module) => [moduleKey(module), module]));
  } catch (cause) {
    throw failed('it cannot be read again', cause);
  }
  if (read.size !== modules.length) throw failed(`it has ${read.size} layers, not ${modules.length}`);
  for (const module of modules) {
    const other = read.get(moduleKey(module));
    if (other === undefined) throw failed(`the layer ${moduleKey(module)} is missing`);
    const difference = loraDifference(module, other);
    if (!(difference <= tolerances[dtype])) {
      throw failed(`the layer ${moduleKey(module)} differs by ${difference.toExponential(1)} of its size`);
    }
  }
};

/**
 * Writes a LoRA with PEFT's names (`unet.<layer>.lora_A.weight`, the scale in `B`), or with those of kohya's scripts,
 * A1111 and ComfyUI (`lora_unet_….lora_down.weight`, with alphas and their metadata). The file replaces another
 * atomically; then it is read again and each layer's update is compared with the one that was to be written.
 * @throws DraftError `DRAFT_LORA_INVALID` where it cannot be stored so, `DRAFT_LORA_SELF_TEST` where what was written
 * is not what was meant, or an error of the disk.
 */
export const writeLoraFile = (
  path: string,
  modules: readonly LoraModule[],
  options: WriteLoraFileOptions = {},
): void => {
  const { format = 'peft', dtype = 'F32', family, metadata = {} } = options;
  requireSound(path, modules);
  if (format === 'kohya' && family === undefined) {
    throw invalid(path, 'kohya’s names depend on the architecture, which nothing tells');
  }
  const tensors = new Map(
    modules.flatMap((module) =>
      format === 'peft'
        ? peftTensors(module, dtype)
        : kohyaTensors(path, module, dtype, family === 'sdxl_base_v1-0'),
    ),
  );
  writeSafetensors(path, tensors, {
    format: 'pt',
    ...(family === undefined ? {} : { 'modelspec.architecture': loraFamilies[family].specification }),
    ...(format === 'kohya' && family !== undefined ? kohyaMetadata(modules, family) : {}),
    ...metadata,
  });
  selfTest(path, modules, dtype);
};
