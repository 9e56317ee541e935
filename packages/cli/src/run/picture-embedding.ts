import { type PluginContext, type Tensor2D, type Tensor4D, tf } from '@draft/core';

/** Turns pictures into vectors whose cosines say how alike the pictures are. */
export interface PictureEmbedding {
  /** What results call it: `pixels`, or the CLIP checkpoint. */
  readonly name: string;
  /** @param images `[n, height, width, 3]` in `[0, 1]`; they stay the caller's. */
  embed(images: Tensor4D): Promise<readonly Float32Array[]>;
  dispose(): void;
}

/** The embedding that needs no weights. */
export const pixelEmbedding = 'pixels';

const side = 16;

/** Means over a grid of 16 × 16 cells, minus mid-grey; smaller pictures have as many cells as pixels. */
const thumbnail = (data: Float32Array, offset: number, height: number, width: number): Float32Array => {
  const [rows, columns] = [Math.min(side, height), Math.min(side, width)];
  const sums = new Float64Array(rows * columns * 3);
  const counts = new Float64Array(rows * columns);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const cell = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      counts[cell] = (counts[cell] ?? 0) + 1;
      for (let c = 0; c < 3; c += 1) {
        sums[3 * cell + c] = (sums[3 * cell + c] ?? 0) + (data[offset + 3 * (y * width + x) + c] ?? 0);
      }
    }
  }
  return Float32Array.from(sums, (sum, i) => sum / (counts[Math.floor(i / 3)] ?? 1) - 0.5);
};

const pixels: PictureEmbedding = {
  name: pixelEmbedding,
  async embed(images) {
    const [count, height, width] = images.shape;
    const data = (await images.data()) as Float32Array;
    return Array.from({ length: count }, (_, i) => thumbnail(data, i * height * width * 3, height, width));
  },
  dispose: () => {},
};

const openClip = async (checkpoint: string, context: PluginContext): Promise<PictureEmbedding> => {
  const { clipL14, createPreprocessing, loadImageEmbedder } = await import('@draft/model-clip');
  const clip = await loadImageEmbedder({ checkpoint, architecture: clipL14, context });
  const preprocess = createPreprocessing({
    size: clip.config.vision.imageSize,
    kernel: 'bicubic',
    antialias: true,
    fit: 'crop',
    clamp: true,
  });
  const embed = context.runtime.compile('embed pictures', ({ images }) => ({
    embeddings: clip.network.embed(preprocess(images as Tensor4D)),
  }));
  return {
    name: checkpoint,
    async embed(images) {
      const { embeddings } = await embed({ images });
      const [count, width] = (embeddings as Tensor2D).shape;
      const numbers = (await (embeddings as Tensor2D).data()) as Float32Array;
      tf.dispose(embeddings as Tensor2D);
      return Array.from({ length: count }, (_, i) => numbers.slice(i * width, (i + 1) * width));
    },
    dispose() {
      embed.dispose();
      clip.dispose();
    },
  };
};

/**
 * Opens the embedding that diversity is measured in.
 * @param request `pixels` (thumbnails of 16 × 16, minus mid-grey), or a CLIP checkpoint: `hf:org/name`, a folder or a file.
 */
export const openPictureEmbedding = async (
  request: string,
  context: PluginContext,
): Promise<PictureEmbedding> => (request === pixelEmbedding ? pixels : openClip(request, context));
