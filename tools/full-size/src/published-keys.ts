/** A complete list of names and shapes of a published checkpoint, among the fixtures of a package's tests. */
export const publishedKeys = (folder: string, name: string): URL =>
  new URL(`../../../packages/${folder}/test/fixtures/published/${name}.tsv`, import.meta.url);

/** A folder of small tokenizer files, which stand for the published ones: only the number of rows of a network counts here. */
export const tokenizerFolder = (name: 'published' | 'tokenizer'): URL =>
  new URL(`../../../packages/models-clip/test/fixtures/${name}`, import.meta.url);
