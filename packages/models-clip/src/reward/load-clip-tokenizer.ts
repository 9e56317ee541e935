import { dirname } from 'node:path';
import { type CheckpointPlace, DraftError, missingInCache, openPlace } from '@draft/core';
import type { ClipModel } from '../model/clip-model.js';
import { loadTokenizer } from '../tokenizer/load-tokenizer.js';
import type { PromptStyle } from '../tokenizer/prompt-style.js';
import { publishedTokenizer, publishedVocabularySize } from '../tokenizer/published-tokenizer.js';
import type { Tokenizer, TokenizerOptions } from '../tokenizer/tokenizer.js';
import { type ClipToLoad, type LoadedClip, listening } from './load-clip.js';

const needed = ['vocab.json', 'merges.txt'] as const;
const optional = ['tokenizer_config.json', 'special_tokens_map.json'] as const;

/** The tokenizer of a place, or null where it has none. */
async function placedTokenizer(place: CheckpointPlace, options: TokenizerOptions): Promise<Tokenizer | null> {
  const [vocabulary, merges] = [await place.file(needed[0]), await place.file(needed[1])];
  if (vocabulary === null || merges === null) return null;
  // They come to lie in the same folder.
  for (const name of optional) await place.file(name);
  return loadTokenizer(dirname(vocabulary), options);
}

const invalid = (what: string): DraftError => new DraftError('DRAFT_TOKENIZER_INVALID', what);

const nameAPlace = 'name a place that has one with the option tokenizer';

/** Which model wants a tokenizer. */
type Wanting = Pick<LoadedClip<ClipModel>, 'config' | 'place'>;

/** CLIP's own tokenizer, for a model that has its vocabulary. */
function ownTokenizer({ config, place }: Wanting, options: TokenizerOptions): Tokenizer {
  const { vocabularySize } = config.text;
  if (vocabularySize === publishedVocabularySize) return publishedTokenizer(undefined, options);
  if (place.onlyCache !== null) throw missingInCache(place, { needed });
  throw invalid(
    `${place.name} has no CLIP tokenizer (vocab.json and merges.txt), and its ${vocabularySize} tokens are not ` +
      `CLIP's own ${publishedVocabularySize}; ${nameAPlace}.`,
  );
}

/** The tokenizer of the place that was named for it. */
async function namedTokenizer(
  { place }: Wanting,
  elsewhere: string,
  wanted: ClipToLoad,
  options: TokenizerOptions,
): Promise<Tokenizer> {
  const other = openPlace(elsewhere, listening(wanted));
  const found = await placedTokenizer(other, options);
  if (found !== null) return found;
  if (other.onlyCache !== null) throw missingInCache(other, { needed });
  const none =
    place.name === elsewhere ? `${place.name} has no` : `Neither ${place.name} nor ${elsewhere} has a`;
  throw invalid(`${none} CLIP tokenizer (vocab.json and merges.txt); ${nameAPlace}.`);
}

/**
 * Loads the tokenizer of a CLIP model: the one beside its weights; else that of another place, where one is named; else
 * CLIP's own, which comes with this package, if the model has its vocabulary.
 * @param elsewhere A reference like that of a checkpoint.
 * @param style Whose tokenizer prompts are read like.
 * @throws DraftError `DRAFT_TOKENIZER_INVALID` where there is none, or it does not fit the model.
 */
export async function loadClipTokenizer(
  clip: Wanting,
  elsewhere: string | undefined,
  wanted: ClipToLoad,
  style: PromptStyle = 'transformers',
): Promise<Tokenizer> {
  const { positions, vocabularySize } = clip.config.text;
  const options = { length: positions, style };
  const tokenizer =
    (await placedTokenizer(clip.place, options)) ??
    (elsewhere === undefined
      ? ownTokenizer(clip, options)
      : await namedTokenizer(clip, elsewhere, wanted, options));
  if (tokenizer.vocabularySize > vocabularySize) {
    throw invalid(
      `The tokenizer has ${tokenizer.vocabularySize} tokens, but ${clip.place.name} knows only ${vocabularySize}.`,
    );
  }
  return tokenizer;
}
