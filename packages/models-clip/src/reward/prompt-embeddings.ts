import { type Runtime, type Tensor, type Tensor2D, tf } from '@draft/core';
import { type TextEmbedder, unitRows } from '../model/embedders.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** Embeds prompts, each once. */
export interface PromptEmbeddings {
  /** @returns `[n, width]`, rows of length 1; owned by the caller. */
  embed(prompts: readonly string[]): Promise<Tensor2D>;
  /** Frees the recorded graph. */
  dispose(): void;
}

/** A few megabytes of embeddings; training draws from a list of prompts again and again. */
const mostRemembered = 2048;

/** Makes the embeddings of prompts; the last ones are remembered as numbers, not as tensors. */
export function createPromptEmbeddings(
  runtime: Runtime,
  text: TextEmbedder,
  tokenizer: Tokenizer,
): PromptEmbeddings {
  const { positions, projectionWidth } = text.tower.config;
  // One row at a time: one graph serves any number of prompts.
  const encode = runtime.compile('embed prompt', ({ ids }: { readonly ids: Tensor }) => ({
    row: tf.tidy(() => unitRows(text.embed(ids as Tensor2D))),
  }));
  const remembered = new Map<string, Float32Array>();
  const rowOf = async (prompt: string): Promise<Float32Array> => {
    const known = remembered.get(prompt);
    if (known) return known;
    const ids = tf.tensor2d(tokenizer.encode(prompt), [1, Math.min(tokenizer.length, positions)], 'int32');
    const { row } = await encode({ ids });
    const values = Float32Array.from(await row.data());
    tf.dispose([ids, row]);
    if (remembered.size === mostRemembered) remembered.delete(remembered.keys().next().value!);
    remembered.set(prompt, values);
    return values;
  };
  return {
    async embed(prompts) {
      const rows = new Float32Array(prompts.length * projectionWidth);
      for (const [index, prompt] of prompts.entries()) rows.set(await rowOf(prompt), index * projectionWidth);
      return tf.tensor2d(rows, [prompts.length, projectionWidth]);
    },
    dispose() {
      encode.dispose();
      remembered.clear();
    },
  };
}
