import { DraftError, linear, type Tensor2D, type TensorSource, tf, type Weights } from '@draft/core';

/** The predictor on top of CLIP's embeddings. */
export interface AestheticHead {
  /** `[n, 1]` from embeddings `[n, width]` of length 1. Plain tensor code. */
  rate(embeddings: Tensor2D): Tensor2D;
}

/** Which of the published network's layers have weights; between the last of the others is a ReLU, or nothing. */
const layouts = [
  { layers: [0, 2, 4, 6, 7], activated: false },
  { layers: [0, 3, 6, 9, 11], activated: true },
] as const;

const weightOf = (layer: number): string => `layers.${layer}.weight`;

/** The widths between the layers, as the file has them. */
function widthsOf(source: TensorSource, width: number, layers: readonly number[]): readonly number[] {
  return [width, ...layers.map((layer) => source.entries.get(weightOf(layer))?.shape[0] ?? 1)];
}

/**
 * Finds out which of the published heads a file holds: `linearMSE`, which has no activations, or `reluMSE`.
 * @param width Of CLIP's embeddings.
 * @returns What builds it on its weights.
 * @throws DraftError `DRAFT_MODEL_MISMATCH` where it holds neither.
 */
export function createAestheticHead(
  source: TensorSource,
  width: number,
): (weights: Weights) => AestheticHead {
  const layout = layouts.findLast(({ layers }) =>
    layers.every((layer) => source.entries.has(weightOf(layer))),
  );
  if (!layout) {
    throw new DraftError(
      'DRAFT_MODEL_MISMATCH',
      `${source.path} holds no aesthetic predictor: ${layouts[0].layers.map(weightOf).join(', ')} are needed.`,
    );
  }
  const { layers, activated } = layout;
  const widths = widthsOf(source, width, layers);
  return (weights) => {
    const maps = layers.map((layer, index) => {
      const weight = weights.get(weightOf(layer), [widths[index + 1]!, widths[index]!], 'linear');
      const bias = weights.get(`layers.${layer}.bias`, [widths[index + 1]!], 'vector');
      return (x: Tensor2D): Tensor2D => linear(x, { weight, bias }, [], { precise: true });
    });
    return {
      rate: (embeddings) =>
        maps.reduce(
          (x, map, index) => (activated && index < maps.length - 1 ? tf.relu(map(x)) : map(x)),
          embeddings,
        ),
    };
  };
}
