import {
  DraftError,
  type LoraModule,
  mixLoras,
  type ResizeOptions,
  readLoraFile,
  resizeModule,
  writeLoraFile,
} from '@draft/core';
import { parseLora } from '../config/parse-lora.js';
import type { Progress } from '../progress/progress.js';
import { turn } from '../progress/turn.js';
import { carriedMetadata, type LoraOutputFlags, outputOptions, refuseExisting } from './lora-choices.js';

const replaceHint = 'choose another name, or replace it with --force';

/** How many layers and which ranks, for the last line. */
const describe = (modules: readonly LoraModule[]): string => {
  const ranks = modules.map(({ rank }) => rank);
  const [least, most] = [Math.min(...ranks), Math.max(...ranks)];
  return `${modules.length} layers of rank ${least === most ? least : `${least} to ${most}`}`;
};

const resizeAll = async (
  modules: readonly LoraModule[],
  options: ResizeOptions,
  progress: Progress,
): Promise<{ readonly modules: readonly LoraModule[]; readonly kept: readonly number[] }> => {
  const resized: LoraModule[] = [];
  const kept: number[] = [];
  for (const module of modules) {
    progress.activity('finding singular values', resized.length / modules.length);
    const result = resizeModule(module, options);
    resized.push(result.module);
    kept.push(result.kept);
    await turn();
  }
  progress.finish();
  return { modules: resized, kept };
};

const percent = (share: number): string => `${(100 * share).toFixed(share > 0.9995 ? 2 : 1)} %`;

const describeKept = (kept: readonly number[]): string =>
  `${percent(kept.reduce((sum, share) => sum + share, 0) / kept.length)} of each update's squared norm kept on average, ${percent(Math.min(...kept))} in the layer that lost most`;

/** Runs `draft lora convert`; returns what is to be printed. */
export const convertLora = (
  path: string,
  output: string,
  flags: LoraOutputFlags & { readonly unetOnly?: true },
): string => {
  refuseExisting(output, flags.force === true, replaceHint);
  const file = readLoraFile(path);
  const options = outputOptions(flags, [file], file.format === 'kohya' ? 'peft' : 'kohya');
  const modules = flags.unetOnly
    ? file.modules.filter(({ component }) => component === 'unet')
    : file.modules;
  if (modules.length === 0) {
    throw new DraftError(
      'DRAFT_LORA_INVALID',
      `${path} adapts text encoders only: nothing would be left of it.`,
    );
  }
  writeLoraFile(output, modules, { ...options, metadata: carriedMetadata(file) });
  return `${output}: ${describe(modules)}, read again and compared\n`;
};

/** Runs `draft lora mix`; returns what is to be printed. */
export const mixLoraFiles = async (
  requests: readonly string[],
  output: string,
  rank: number | undefined,
  flags: LoraOutputFlags,
  progress: Progress,
): Promise<string> => {
  refuseExisting(output, flags.force === true, replaceHint);
  const shares = requests
    .map(parseLora)
    .map(({ file, strength }) => ({ file: readLoraFile(file), strength }));
  const options = outputOptions(
    flags,
    shares.map(({ file }) => file),
    'peft',
  );
  const mixed = mixLoras(shares.map(({ file, strength }) => ({ modules: file.modules, strength })));
  const smaller = rank === undefined ? undefined : await resizeAll(mixed, { rank }, progress);
  const modules = smaller?.modules ?? mixed;
  writeLoraFile(output, modules, options);
  const lost = smaller ? `, ${describeKept(smaller.kept)}` : '';
  return `${output}: ${describe(modules)}${lost}, read again and compared\n`;
};

/** Runs `draft lora resize`; returns what is to be printed. */
export const resizeLoraFile = async (
  path: string,
  output: string,
  resize: ResizeOptions,
  flags: LoraOutputFlags,
  progress: Progress,
): Promise<string> => {
  refuseExisting(output, flags.force === true, replaceHint);
  const file = readLoraFile(path);
  const options = outputOptions(flags, [file], file.format === 'kohya' ? 'kohya' : 'peft');
  const most = Math.max(...file.modules.map(({ rank }) => rank));
  if (resize.rank > most) {
    throw new DraftError(
      'DRAFT_LORA_OPTIONS',
      `${path} has rank ${most}, and resizing can only make it smaller: give a --rank from 1 to ${most}, not ${resize.rank}.`,
    );
  }
  const { modules, kept } = await resizeAll(file.modules, resize, progress);
  writeLoraFile(output, modules, { ...options, metadata: carriedMetadata(file) });
  return `${output}: ${describe(modules)}, ${describeKept(kept)}, read again and compared\n`;
};
