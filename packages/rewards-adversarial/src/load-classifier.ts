import {
  type CheckpointPlace,
  DraftError,
  type HubOptions,
  hubOptionsOf,
  openNetwork,
  openPlace,
  openPlacedWeights,
  type PluginContext,
  readJson,
  type TensorSource,
} from '@draft/core';
import { classLabels } from './classes/class-labels.js';
import { type ClassifierInput, usualInput } from './input/classifier-input.js';
import { parseProcessor, parseTimmInput } from './input/parse-input.js';
import { type ClassifierConfig, hasDepths, parseClassifierConfig } from './layout/classifier-config.js';
import { isTransformersLayout, transformersLayout } from './layout/transformers-layout.js';
import { readStructure } from './network/read-structure.js';
import { createResnet, type Resnet } from './network/resnet.js';

/** A loaded classifier, which owns its weights. */
export interface LoadedClassifier {
  readonly network: Resnet;
  /** A label a class. */
  readonly labels: readonly string[];
  /** How its publisher makes pictures what it reads. */
  readonly input: ClassifierInput;
  /** Frees the weights; calling it twice is harmless. */
  dispose(): void;
}

const optionalJson = async (place: CheckpointPlace, name: string): Promise<unknown> => {
  const path = await place.file(name);
  return path === null ? undefined : readJson(path);
};

async function inputOf(place: CheckpointPlace, config: unknown): Promise<ClassifierInput> {
  const timm = (config as { pretrained_cfg?: unknown } | undefined)?.pretrained_cfg;
  if (timm !== undefined) return parseTimmInput(timm);
  const processor = await optionalJson(place, 'preprocessor_config.json');
  return processor === undefined ? usualInput : parseProcessor(processor);
}

/** Compares weights with the network that they are said to be, before a number is read. */
function openClassifier(file: TensorSource, hints: ClassifierConfig, context: PluginContext) {
  const source = isTransformersLayout(file) ? transformersLayout(file) : file;
  const structure = readStructure(source, hints);
  if (hints.depths && !hasDepths(structure, hints.depths)) {
    const found = structure.stages.map(({ blocks }) => blocks).join(', ');
    throw new DraftError(
      'DRAFT_MODEL_MISMATCH',
      `${file.path} holds a ResNet with stages of ${found} blocks, but the config.json beside it describes ${hints.depths.join(', ')}.`,
    );
  }
  const spec = {
    name: 'classifier',
    expectation: 'ResNet that its own shapes describe',
    build: (weights: Parameters<typeof createResnet>[1]) => createResnet(structure, weights),
  };
  return { classes: structure.classes, ...openNetwork(source, spec, context.runtime) };
}

/**
 * Loads a ResNet in the layout of timm (and torchvision) or of transformers, of any depth and width.
 * @param checkpoint `hf:org/name[@revision][/file]`, `npm:package/path`, a folder or a file.
 * @param hub How the Hub is talked to; downloads are logged.
 * @throws DraftError where it cannot be had, or `DRAFT_MODEL_MISMATCH` with what does not fit.
 */
export async function loadClassifier(
  checkpoint: string,
  context: PluginContext,
  hub: HubOptions = {},
): Promise<LoadedClassifier> {
  const options = { ...hubOptionsOf(context), ...hub };
  const place = openPlace(checkpoint, options);
  const file = await openPlacedWeights(place);
  let opened: ReturnType<typeof openClassifier> | undefined;
  try {
    const config = await optionalJson(place, 'config.json');
    const input = await inputOf(place, config);
    opened = openClassifier(file, config === undefined ? {} : parseClassifierConfig(config), context);
    const labels = classLabels(config, opened.classes);
    return { network: await opened.load(), labels, input, dispose: opened.dispose };
  } catch (cause) {
    if (opened) opened.dispose();
    else file.close();
    throw cause;
  }
}
