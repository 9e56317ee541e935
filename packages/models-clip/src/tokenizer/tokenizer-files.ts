/** What a tokenizer is made of: the contents of its files, parsed but not yet checked. */
export interface TokenizerFiles {
  /** `vocab.json`: token to id. */
  readonly vocabulary: unknown;
  /** `merges.txt`, or the list of merges of `tokenizer.json`. */
  readonly merges: unknown;
  /** `tokenizer_config.json`. */
  readonly config?: unknown;
  /** `special_tokens_map.json`, as older folders have it. */
  readonly specialTokens?: unknown;
  /** `added_tokens.json`, as older folders have it: token to id. */
  readonly addedTokens?: unknown;
}
