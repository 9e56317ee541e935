import { existsSync } from 'node:fs';
import {
  DraftError,
  type LoraFamily,
  type LoraFile,
  loraFamilies,
  type WriteLoraFileOptions,
  type WrittenLoraFormat,
} from '@draft/core';

const dtypes = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const;
const formats: readonly WrittenLoraFormat[] = ['peft', 'kohya'];
const architectures: Readonly<Record<string, LoraFamily>> = {
  sd1: 'sd_v1',
  sd2: 'sd_v2',
  sdxl: 'sdxl_base_v1-0',
};

/** What a user may say about a LoRA file that is written. */
export interface LoraOutputFlags {
  readonly to?: string;
  readonly dtype?: string;
  readonly architecture?: string;
  readonly force?: true;
}

const invalid = (flag: string, choices: readonly string[], given: string) =>
  new DraftError(
    'DRAFT_OPTION_INVALID',
    `${flag} is one of ${choices.join(', ')} (given: ${JSON.stringify(given)}).`,
  );

/** One of the values of a flag. @throws DraftError `DRAFT_OPTION_INVALID` for any other. */
const choose = <Value>(flag: string, choices: Readonly<Record<string, Value>>, given: string): Value => {
  const value = Object.hasOwn(choices, given) ? choices[given] : undefined;
  if (value === undefined) throw invalid(flag, Object.keys(choices), given);
  return value;
};

/** A number that a flag gives. @throws DraftError `DRAFT_OPTION_INVALID` where it is none. */
export const numberFlag = (flag: string, given: string): number => {
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (Number.isFinite(value)) return value;
  throw new DraftError('DRAFT_OPTION_INVALID', `${flag} takes a number (given: ${JSON.stringify(given)}).`);
};

/** @throws DraftError `DRAFT_OUTPUT_TAKEN` where something stands in the place of a file or folder to be written. */
export const refuseExisting = (path: string, force: boolean, instead: string): void => {
  if (force || !existsSync(path)) return;
  throw new DraftError('DRAFT_OUTPUT_TAKEN', `${path} is there already: ${instead}.`);
};

/** The architecture of some LoRAs. @throws DraftError where they are for different ones. */
const commonFamily = (files: readonly LoraFile[]): LoraFamily | undefined => {
  const known = files.filter(({ family }) => family !== undefined);
  const [first] = known;
  const other = known.find(({ family }) => family !== first?.family);
  if (first?.family && other?.family) {
    throw new DraftError(
      'DRAFT_LORA_MISMATCH',
      `LoRAs for different architectures cannot be mixed: ${first.path} is for ${loraFamilies[first.family].name}, ${other.path} for ${loraFamilies[other.family].name}.`,
    );
  }
  return first?.family;
};

/** The type that all numbers of the files have, where it is one that is written. */
const commonDtype = (files: readonly LoraFile[]): 'F32' | 'F16' | 'BF16' => {
  const used = new Set(files.flatMap(({ modules }) => modules.map(({ dtype }) => dtype)));
  const [only] = used;
  return used.size === 1 && (only === 'F16' || only === 'BF16') ? only : 'F32';
};

/**
 * How a LoRA file that is made of others is written: as the flags say, else like them.
 * @param preferred The format where the flags do not say.
 */
export const outputOptions = (
  flags: LoraOutputFlags,
  files: readonly LoraFile[],
  preferred: WrittenLoraFormat,
): Required<Pick<WriteLoraFileOptions, 'format' | 'dtype' | 'family'>> => {
  const format =
    flags.to === undefined
      ? preferred
      : choose('--to', Object.fromEntries(formats.map((name) => [name, name])), flags.to);
  const dtype = flags.dtype === undefined ? commonDtype(files) : choose('--dtype', dtypes, flags.dtype);
  const found = commonFamily(files);
  const family =
    flags.architecture === undefined ? found : choose('--architecture', architectures, flags.architecture);
  if (format === 'kohya' && family === undefined) {
    throw new DraftError(
      'DRAFT_OPTION_MISSING',
      `${files[0]?.path} does not tell which architecture it is for, and kohya’s names depend on it: say --architecture ${Object.keys(architectures).join(', ')}.`,
    );
  }
  return { format, dtype, family };
};

/** Entries that describe the file they stand in, so that they are wrong in another. */
const own = new Set([
  ...['format', 'lora_adapter_metadata', 'modelspec.architecture', 'modelspec.sai_model_spec'],
  ...['modelspec.hash_sha256', 'sshs_model_hash', 'sshs_legacy_hash', 'ss_network_dim', 'ss_network_alpha'],
  ...['ss_network_module', 'ss_network_args', 'ss_base_model_version', 'ss_v2'],
]);

/** What a file says about its training, to be carried into another. */
export const carriedMetadata = ({ metadata }: LoraFile): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !own.has(name)));
