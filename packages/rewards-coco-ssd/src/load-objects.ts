import type { PluginContext } from '@draft/core';
import { classIds } from './coco-classes.js';
import type { CocoSsdOptions } from './coco-ssd-options.js';
import { type Detector, loadDetector, publishedModels } from './load-detector.js';

/** A detector, and the ids that the named objects have in it. */
export interface SoughtObjects {
  readonly detector: Detector;
  readonly ids: readonly number[];
}

/**
 * Loads the detector that the options name, and finds the objects among its classes.
 * @throws DraftError where a class is none of the detector's, or the weights cannot be had or do not fit.
 */
export const loadObjects = async (
  { objects, model, checkpoint }: Pick<CocoSsdOptions, 'objects' | 'model' | 'checkpoint'>,
  context: PluginContext,
): Promise<SoughtObjects> => {
  const names = [objects].flat();
  // The published models' classes are known before anything is downloaded.
  if (checkpoint === undefined) classIds(names);
  const detector = await loadDetector(checkpoint ?? publishedModels[model], context);
  try {
    return { detector, ids: classIds(names, detector.classes) };
  } catch (cause) {
    detector.dispose();
    throw cause;
  }
};
