import type { Tensor2D, Tensor3D } from '@draft/core';

/** A row of token ids, `[1, tokens]`, for each text encoder. */
export type TokenRows = Readonly<Record<string, Tensor2D>>;

/** From a prompt to what the network reads of it. */
export interface PromptEncoder {
  /** The token ids of a prompt, owned by the caller. */
  tokens(prompt: string): TokenRows;
  /** What the network reads, `[1, rows, width]`. Plain tensor code. */
  encode(tokens: TokenRows): Tensor3D;
  /** Text states, and the pooled text where the network reads it, out of a batch of such rows. Plain tensor code. */
  unpack(context: Tensor3D): { readonly states: Tensor3D; readonly pooled?: Tensor2D };
}
