import type { DiffusionModel, PluginContext, Runtime } from '@draft/core';
import type { PluginOfKind } from '@draft/core/plugins';
import type { Progress } from '../progress/progress.js';
import type { ModelPlace } from './choose-model.js';

/** A model that is ready, and the size of the pictures that it is to make. */
export interface LoadedModel {
  readonly model: DiffusionModel;
  /** Its name and what it is, in one line. */
  readonly description: string;
  readonly height: number;
  readonly width: number;
}

/**
 * Loads a model.
 * @param architecture The plugin that recognised its folder.
 * @throws DraftError `DRAFT_IMAGE_SIZE` where it cannot make pictures of the size.
 */
export const loadModel = async (
  { path, name }: ModelPlace,
  size: { readonly height: number; readonly width: number } | null,
  architecture: PluginOfKind<'model'>,
  runtime: Runtime,
  progress: Progress,
): Promise<LoadedModel> => {
  const context: PluginContext = { runtime, log: progress.log };
  const model = await architecture.load(path, context, (share) =>
    progress.activity(`loading ${name}`, share),
  );
  const { height, width } = size ?? model.imageSize;
  try {
    model.latentShape(height, width);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model, description: `${name}: ${model.description}`, height, width };
};
