import {
  gelu,
  layerNorm,
  linear,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
  type Weights,
} from '@draft/core';
import {
  type ClipConfig,
  createTextEmbedder,
  createVisionTower,
  type TextEmbedder,
  unitRows,
} from '@draft/model-clip';
import { boxBias } from './box-bias.js';

/** What is found in images: one candidate box a patch. */
export interface Detections {
  /** Log-odds that a box shows what a query asks for, `[n, patches, queries]`. */
  readonly logits: Tensor3D;
  /** Centre x, centre y, width and height as shares of the image, `[n, patches, 4]`. */
  readonly boxes: Tensor3D;
}

/** OWL-ViT. Plain tensor code, differentiable. */
export interface Detector {
  readonly config: ClipConfig;
  readonly text: TextEmbedder;
  /**
   * Finds queries in images.
   * @param pixels `[n, size, size, 3]`, normalised by CLIP's statistics.
   * @param queries Embeddings of the text tower, `[queries, width]`; their length does not count.
   */
  detect(pixels: Tensor4D, queries: Tensor2D): Detections;
}

/** Added to lengths before they divide. */
const tiny = 1e-6;

/**
 * Builds OWL-ViT on its weights: CLIP's names for the towers, transformers' for the heads.
 * @throws DraftError `DRAFT_WEIGHT_MISSING` or `DRAFT_WEIGHT_SHAPE`.
 * @see Minderer et al. 2022, Simple Open-Vocabulary Object Detection with Vision Transformers
 */
export function createDetector(config: ClipConfig, weights: Weights): Detector {
  const { width, epsilon, imageSize, patchSize } = config.vision;
  const side = Math.floor(imageSize / patchSize);
  const patches = side * side;
  const text = createTextEmbedder(config.text, weights);
  const vision = createVisionTower(config.vision, weights);
  const map = (name: string, outputs: number) => {
    const weight = weights.get(`${name}.weight`, [outputs, width], 'linear');
    const bias = weights.get(`${name}.bias`, [outputs], 'vector');
    return (x: Tensor3D): Tensor3D => linear(x, { weight, bias }, [], { precise: true });
  };
  const norm = {
    gamma: weights.get('layer_norm.weight', [width], 'vector'),
    beta: weights.get('layer_norm.bias', [width], 'vector'),
  };
  const queryHead = map('class_head.dense0', config.text.width);
  const shiftHead = map('class_head.logit_shift', 1);
  const scaleHead = map('class_head.logit_scale', 1);
  const boxHeads = [map('box_head.dense0', width), map('box_head.dense1', width), map('box_head.dense2', 4)];

  /** A state a patch, each multiplied by the class token's. */
  const featuresOf = (pixels: Tensor4D): Tensor3D => {
    const states = vision.normalized(vision.hiddenStates(pixels)); // [n, 1 + patches, width]
    const token = tf.slice(states, [0, 0, 0], [-1, 1, -1]);
    const own = tf.slice(states, [0, 1, 0], [-1, patches, -1]);
    return layerNorm(tf.mul(own, token) as Tensor3D, norm, { epsilon });
  };

  const logitsOf = (features: Tensor3D, queries: Tensor2D): Tensor3D => {
    const embedded = queryHead(features); // [n, patches, text width]
    // The square root's slope has no end at 0; the smallest normal float32 changes no length.
    const lengths = tf.sqrt(tf.maximum(tf.sum(tf.square(embedded), 2, true), 1.2e-38));
    const rows = tf.reshape(tf.div(embedded, tf.add(lengths, tiny)), [-1, config.text.width]) as Tensor2D;
    const asked = tf.div(unitRows(queries), 1 + tiny) as Tensor2D;
    const cosines = tf.reshape(tf.matMul(rows, asked, false, true), [-1, patches, queries.shape[0]]);
    return tf.mul(tf.add(cosines, shiftHead(features)), tf.add(tf.elu(scaleHead(features)), 1));
  };

  return {
    config,
    text,
    detect(pixels, queries) {
      const features = featuresOf(pixels);
      const corners = boxHeads.reduce((x, head, i) => head(i === 0 ? x : gelu(x)), features); // [n, patches, 4]
      const boxes = tf.sigmoid(tf.add(corners, tf.tensor2d(boxBias(side), [patches, 4]))) as Tensor3D;
      return { logits: logitsOf(features, queries), boxes };
    },
  };
}
