import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import {
  DraftError,
  explainFileError,
  type LoraComponent,
  type LoraModule,
  loraFamilies,
  mergeableLayers,
  mergeLora,
  mixLoras,
  moduleKey,
  readLoraFile,
} from '@draft/core';
import { nothingSaid } from '../config/command-layers.js';
import { parseLora } from '../config/parse-lora.js';
import type { Progress } from '../progress/progress.js';
import { turn } from '../progress/turn.js';
import { locateModel } from '../setup/choose-model.js';
import { openHub } from '../setup/hub-access.js';
import { openPlugins } from '../setup/plugin-access.js';
import { refuseExisting } from './lora-choices.js';

/** A file of the checkpoint, and what is merged into it. */
interface PlannedFile {
  readonly from: string;
  /** Within the folder. */
  readonly to: string;
  readonly modules: readonly LoraModule[];
}

const components: readonly LoraComponent[] = ['unet', 'text_encoder', 'text_encoder_2'];

/** All files of a folder, by their paths within it; links are followed, as a cache is full of them. */
const filesIn = (folder: string, inside = ''): readonly string[] =>
  readdirSync(join(folder, inside)).flatMap((name) => {
    const path = join(inside, name);
    return statSync(join(folder, path)).isDirectory() ? filesIn(folder, path) : [path];
  });

/** The variant that a weights file belongs to: `fp16` of `model.fp16.safetensors` and of its shards. */
const variantOf = (name: string): string =>
  /^[^.]+(?:\.(.+?))?(?:-\d+-of-\d+)?\.safetensors$/.exec(name)?.[1]?.replace(/-\d+-of-\d+$/, '') ?? '';

/** The same weights in a form that is not merged into; a copy would be stale. */
const otherWeights = /\.(bin|ckpt|pt|pth|msgpack|h5|onnx|pb)(\.index\.json)?$/;

const mismatch = (model: string, reason: string, family: string | undefined) =>
  new DraftError(
    'DRAFT_LORA_MISMATCH',
    `The LoRA${family ? ` for ${family}` : ''} cannot be merged into ${model}: ${reason}.`,
  );

/** Which modules go into which weights file of one component; every variant must take all of them. */
const planComponent = (
  folder: string,
  component: LoraComponent,
  names: readonly string[],
  modules: readonly LoraModule[],
  model: string,
  family: string | undefined,
): ReadonlyMap<string, readonly LoraModule[]> => {
  const weights = names.filter((name) => name.endsWith('.safetensors'));
  if (weights.length === 0) {
    const reason =
      names.length === 0 ? `it has no ${component}` : `its ${component} has no .safetensors weights`;
    throw mismatch(model, reason, family);
  }
  const plan = new Map<string, readonly LoraModule[]>();
  const missing = new Map<string, Set<string>>();
  for (const name of weights) {
    const variant = variantOf(basename(name));
    const left = missing.get(variant) ?? new Set(modules.map(moduleKey));
    const taken = mergeableLayers(join(folder, name), modules);
    for (const key of taken) left.delete(key);
    missing.set(variant, left);
    plan.set(
      name,
      modules.filter((module) => taken.has(moduleKey(module))),
    );
  }
  for (const [variant, left] of missing) {
    const [first] = left;
    if (first === undefined) continue;
    const where = variant === '' ? 'its weights' : `its weights of the variant ${variant}`;
    throw mismatch(model, `${where} have no layer ${first}`, family);
  }
  return plan;
};

const planFiles = (
  folder: string,
  modules: readonly LoraModule[],
  model: string,
  family: string | undefined,
): { readonly files: readonly PlannedFile[]; readonly left: readonly string[] } => {
  const all = filesIn(folder);
  const merged = new Map<string, readonly LoraModule[]>();
  const stale = new Set<string>();
  for (const component of components) {
    const part = modules.filter((module) => module.component === component);
    if (part.length === 0) continue;
    const own = all.filter((name) => dirname(name) === component);
    for (const [name, list] of planComponent(folder, component, own, part, model, family)) {
      merged.set(name, list);
    }
    for (const name of own) if (otherWeights.test(name)) stale.add(name);
  }
  const files = all
    .filter((name) => !stale.has(name))
    .map((to) => ({ from: join(folder, to), to, modules: merged.get(to) ?? [] }));
  return { files, left: [...stale] };
};

/** Writes a copy of a single file with the modules added. */
const mergeSingleFile = (
  path: string,
  target: string,
  modules: readonly LoraModule[],
  {
    into,
    output,
    family,
  }: { readonly into: string; readonly output: string; readonly family: string | undefined },
): string => {
  for (const [file, flag] of [
    [into, '--into'],
    [output, '--output'],
  ] as const) {
    if (/\.safetensors$/i.test(file)) continue;
    throw new DraftError(
      'DRAFT_LORA_MERGE',
      `A single file can be merged into where it is a .safetensors, and makes one (${flag}: ${file}).`,
    );
  }
  const taken = mergeableLayers(path, modules);
  const missing = modules.map(moduleKey).find((key) => !taken.has(key));
  if (missing !== undefined) throw mismatch(into, `its weights have no layer ${missing}`, family);
  mergeLora(path, target, modules);
  return `${output}: ${into} with ${modules.length} layers changed\n`;
};

/**
 * Runs `draft lora merge`: a copy of a checkpoint folder, or of a single file, with LoRAs added to its weights. The copy
 * appears all at once; the checkpoint itself is not changed.
 * @returns What is to be printed.
 */
export const mergeCheckpoint = async (
  requests: readonly string[],
  into: string,
  output: string,
  cwd: string,
  progress: Progress,
): Promise<string> => {
  const shares = requests
    .map(parseLora)
    .map(({ file, strength }) => ({ file: readLoraFile(file), strength }));
  const modules = mixLoras(shares.map(({ file, strength }) => ({ modules: file.modules, strength })));
  const { path } = await locateModel(
    into,
    await openPlugins(cwd, nothingSaid, progress.log),
    cwd,
    openHub(progress),
  );
  const target = resolve(cwd, output);
  refuseExisting(target, false, 'choose another --output');
  const known = shares.map(({ file }) => file.family).find((family) => family !== undefined);
  const family = known && loraFamilies[known].name;
  if (statSync(path).isFile()) return mergeSingleFile(path, target, modules, { into, output, family });
  if (!existsSync(join(path, 'model_index.json'))) {
    throw new DraftError(
      'DRAFT_MODEL_UNKNOWN',
      `${into} is no checkpoint folder in diffusers layout: it has no model_index.json.`,
    );
  }
  if (!relative(path, target).startsWith('..')) {
    throw new DraftError('DRAFT_OUTPUT_TAKEN', `${output} lies inside ${into}: choose another --output.`);
  }
  const { files, left } = planFiles(path, modules, into, family);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  try {
    mkdirSync(dirname(target), { recursive: true });
    rmSync(temporary, { recursive: true, force: true });
    for (const [index, { from, to, modules: own }] of files.entries()) {
      progress.activity(`writing ${output}`, index / files.length);
      mkdirSync(join(temporary, dirname(to)), { recursive: true });
      if (own.length > 0) mergeLora(from, join(temporary, to), own);
      else copyFileSync(from, join(temporary, to));
      await turn();
    }
    renameSync(temporary, target);
  } catch (cause) {
    const reason = explainFileError(cause, { action: 'write', path: target });
    rmSync(temporary, { recursive: true, force: true });
    throw reason;
  } finally {
    progress.finish();
  }
  const notes =
    left.length > 0
      ? `; left out, as they would not have the LoRA: ${left.map((name) => name.split(sep).join('/')).join(', ')}`
      : '';
  return `${output}: ${into} with ${modules.length} layers changed${notes}\n`;
};
