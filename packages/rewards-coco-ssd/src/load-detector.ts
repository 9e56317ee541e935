import { DraftError, hubOptionsOf, type PluginContext, type Tensor3D, type Tensor4D, tf } from '@draft/core';
import { cocoClasses } from './coco-classes.js';
import { cutGraph } from './graph/cut-graph.js';
import type { GraphModel } from './graph/graph-model.js';
import { legacyResize } from './legacy-resize.js';
import { loadGraphModel } from './weights/load-graph-model.js';

/** The published models, by the names that the package coco-ssd has for them. */
export const publishedModels = {
  lite_mobilenet_v2: 'https://storage.googleapis.com/tfjs-models/savedmodel/ssdlite_mobilenet_v2/model.json',
  mobilenet_v1: 'https://storage.googleapis.com/tfjs-models/savedmodel/ssd_mobilenet_v1/model.json',
  mobilenet_v2: 'https://storage.googleapis.com/tfjs-models/savedmodel/ssd_mobilenet_v2/model.json',
} as const;

/** Name of a published model. */
export type PublishedModel = keyof typeof publishedModels;

/** A detector of classes of objects. */
export interface Detector {
  /** The names of its classes by id: those of COCO, unless its `model.json` names others. */
  readonly classes: Readonly<Record<number, string>>;
  /**
   * The score of each class in each box. Plain tensor code, differentiable; the caller owns the result.
   * @param images `[n, height, width, 3]` in `[0, 1]`, of any size.
   * @returns `[n, boxes, classes]` in `[0, 1]`; the class of id `k` lies at `k − 1`.
   */
  scores(images: Tensor4D): Tensor3D;
  dispose(): void;
}

/** The pictures that the graph has resized, in `0..255`, behind its only loop. */
const picturesNode = 'Preprocessor/map/TensorArrayStack/TensorArrayGatherV3';

/** The scores, before boxes are suppressed. */
const scoresNode = 'Postprocessor/Slice';

const inputSize = ({ nodes }: GraphModel): readonly [number, number] => {
  const sides = nodes.get(picturesNode)?.attr.element_shape?.shape?.dim ?? [];
  const [height, width] = sides.map(({ size }) => Number(size));
  return height && width && height > 0 && width > 0 ? [height, width] : [300, 300];
};

/** `userDefinedMetadata.classes` of a `model.json`, names by id, which say that a detector knows others than COCO's. */
const classesOf = (
  { metadata: { classes } }: GraphModel,
  reference: string,
): Readonly<Record<number, string>> => {
  if (classes === undefined) return cocoClasses;
  const entries = typeof classes === 'object' && classes !== null ? Object.entries(classes) : [];
  const named = entries.every(([id, name]) => /^[1-9]\d*$/.test(id) && typeof name === 'string');
  if (entries.length > 0 && named && !Array.isArray(classes)) return classes as Record<number, string>;
  throw new DraftError(
    'DRAFT_MODEL_INVALID',
    `${reference} names its classes in userDefinedMetadata.classes as ${JSON.stringify(classes)}: names by id from 1 on are needed.`,
  );
};

/**
 * Loads an SSD as the package coco-ssd publishes it, cut where its pictures are resized, before which it loops over them,
 * and behind its scores, after which boxes are suppressed.
 * @throws DraftError with the file that cannot be had, or what does not fit.
 */
export const loadDetector = async (reference: string, context: PluginContext): Promise<Detector> => {
  const { graph, constants } = await loadGraphModel(reference, hubOptionsOf(context));
  for (const name of [picturesNode, scoresNode]) {
    if (!graph.nodes.has(name)) {
      throw new DraftError(
        'DRAFT_MODEL_INVALID',
        `${reference} is no SSD as the package coco-ssd publishes it: its graph has no node ${name}.`,
      );
    }
  }
  const [height, width] = inputSize(graph);
  const classes = classesOf(graph, reference);
  const cut = cutGraph(graph, constants, { from: picturesNode, to: scoresNode }, reference);
  return {
    classes,
    scores: (images) => tf.tidy(() => cut.run(tf.mul(legacyResize(images, height, width), 255)) as Tensor3D),
    dispose: cut.dispose,
  };
};
