import { DraftError } from '@draft/core';
import type { AddedToken } from './added-token.js';
import type { TokenizerFiles } from './tokenizer-files.js';

/** The tokens with a meaning of their own. */
export interface SpecialTokens {
  /** Id of the token before the prompt. */
  readonly begin: number;
  /** Id of the token after the prompt. */
  readonly end: number;
  /** Id that fills the rest of the row. */
  readonly padding: number;
  /** Id that stands for what the vocabulary does not have. */
  readonly unknown: number;
  /** Every string that is one token wherever it stands in a prompt. */
  readonly added: readonly AddedToken[];
}

type Fields = Readonly<Record<string, unknown>>;
type Written = Omit<AddedToken, 'id'>;

const defaults: Fields = {
  bos_token: '<|startoftext|>',
  eos_token: '<|endoftext|>',
  unk_token: '<|endoftext|>',
  pad_token: '<|endoftext|>',
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A token as configurations write it: a string, or an object with `content` and flags. */
function written(value: unknown, normalizedByDefault: boolean): Written | undefined {
  if (typeof value === 'string' && value) {
    const plain = { leftStrip: false, rightStrip: false, singleWord: false };
    return { content: value, normalized: normalizedByDefault, ...plain };
  }
  if (!isFields(value) || typeof value.content !== 'string' || !value.content) return undefined;
  return {
    content: value.content,
    normalized: typeof value.normalized === 'boolean' ? value.normalized : normalizedByDefault,
    leftStrip: value.lstrip === true,
    rightStrip: value.rstrip === true,
    singleWord: value.single_word === true,
  };
}

/**
 * Reads the special tokens the way transformers does: `special_tokens_map.json` goes before
 * `tokenizer_config.json`, unless the latter lists its tokens with their ids (`added_tokens_decoder`).
 * @throws DraftError `DRAFT_TOKENIZER_INVALID` where a special token has no id.
 */
export function parseSpecialTokens(
  files: TokenizerFiles,
  vocabulary: ReadonlyMap<string, number>,
): SpecialTokens {
  const config = isFields(files.config) ? files.config : {};
  const decoder = isFields(config.added_tokens_decoder) ? config.added_tokens_decoder : undefined;
  const older = !decoder && isFields(files.specialTokens) ? files.specialTokens : {};
  const added = new Map<string, AddedToken>();

  for (const [key, value] of Object.entries(decoder ?? {})) {
    const token = written(value, true);
    const id = Number(key);
    if (token && Number.isInteger(id) && id >= 0) added.set(token.content, { ...token, id });
  }
  for (const [content, id] of isFields(files.addedTokens) ? Object.entries(files.addedTokens) : []) {
    const token = written(content, true);
    if (token && typeof id === 'number' && Number.isInteger(id) && id >= 0 && !added.has(content)) {
      added.set(content, { ...token, id });
    }
  }
  const listed = new Set(added.keys());
  const idOf = (name: string): number => {
    const token =
      written(older[name], false) ?? written(config[name], false) ?? written(defaults[name], false)!;
    const id = added.get(token.content)?.id ?? vocabulary.get(token.content);
    if (id === undefined) {
      throw new DraftError(
        'DRAFT_TOKENIZER_INVALID',
        `The tokenizer's ${name} ${JSON.stringify(token.content)} is not in its vocabulary; ` +
          'take all files of the tokenizer from the same place.',
      );
    }
    // Where several special tokens are the same string, the flags of the last one count.
    if (!listed.has(token.content)) added.set(token.content, { ...token, id });
    return id;
  };
  const ids = {
    begin: idOf('bos_token'),
    end: idOf('eos_token'),
    unknown: idOf('unk_token'),
    padding: idOf('pad_token'),
  };
  return { ...ids, added: [...added.values()] };
}
