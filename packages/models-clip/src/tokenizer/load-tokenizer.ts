import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DraftError } from '@draft/core';
import { createTokenizer, type Tokenizer, type TokenizerOptions } from './tokenizer.js';

async function text(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DraftError(
      'DRAFT_TOKENIZER_INVALID',
      `The tokenizer's file ${join(folder, name)} cannot be read.`,
      {
        cause,
      },
    );
  }
}

async function json(folder: string, name: string): Promise<unknown> {
  const content = await text(folder, name);
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content) as unknown;
  } catch (cause) {
    throw new DraftError(
      'DRAFT_TOKENIZER_INVALID',
      `The tokenizer's file ${join(folder, name)} is not valid JSON; it may be damaged, so download it again.`,
      { cause },
    );
  }
}

/**
 * Reads a tokenizer from its folder: `vocab.json` with `merges.txt`, or `tokenizer.json` alone, and whichever of
 * `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` are there.
 * @throws DraftError `DRAFT_TOKENIZER_INVALID` where they are missing or damaged.
 */
export async function loadTokenizer(folder: string, options: TokenizerOptions = {}): Promise<Tokenizer> {
  const [vocabulary, merges, config, specialTokens, addedTokens] = await Promise.all([
    json(folder, 'vocab.json'),
    text(folder, 'merges.txt'),
    json(folder, 'tokenizer_config.json'),
    json(folder, 'special_tokens_map.json'),
    json(folder, 'added_tokens.json'),
  ]);
  const extras = { config, specialTokens, addedTokens };
  if (vocabulary !== undefined && merges !== undefined) {
    return createTokenizer({ vocabulary, merges, ...extras }, options);
  }
  const whole = (await json(folder, 'tokenizer.json')) as
    | { readonly model?: { readonly vocab?: unknown; readonly merges?: unknown } }
    | null
    | undefined;
  if (!whole?.model) {
    throw new DraftError(
      'DRAFT_TOKENIZER_INVALID',
      `The folder ${folder} holds no CLIP tokenizer: vocab.json with merges.txt, or tokenizer.json, is needed.`,
    );
  }
  return createTokenizer({ vocabulary: whole.model.vocab, merges: whole.model.merges, ...extras }, options);
}
