import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomSource, openCheckpoint, type TensorToStore, writeSafetensors } from '@draft/core';
import { publishedTokenizerFiles, publishedVocabularySize } from '../../src/tokenizer/published-tokenizer.js';
import { fixture } from './fixture.js';

/** Writes the small model of open_clip with as many tokens as the published ones have, and no tokenizer. */
export function writeWithPublishedVocabulary(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const source = openCheckpoint(fixture('open-clip/weights.pt'));
  const tensors = new Map<string, TensorToStore>();
  for (const [name, { dtype, shape }] of source.entries) {
    const [, width = 0] = shape;
    const size = [publishedVocabularySize, width];
    if (!name.endsWith('token_embedding.weight'))
      tensors.set(name, { dtype, shape, data: source.read(name) });
    else
      tensors.set(name, { shape: size, data: createRandomSource(3).normal(publishedVocabularySize * width) });
  }
  source.close();
  const path = join(folder, 'weights.safetensors');
  writeSafetensors(path, tensors);
  const config = JSON.parse(readFileSync(fixture('open-clip/open_clip_config.json'), 'utf8'));
  config.model_cfg.text_cfg.vocab_size = publishedVocabularySize;
  writeFileSync(join(folder, 'open_clip_config.json'), JSON.stringify(config));
  return path;
}

/** Writes the published tokenizer as transformers has it. */
export function writePublishedTokenizer(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const { vocabulary, merges } = publishedTokenizerFiles();
  writeFileSync(join(folder, 'vocab.json'), JSON.stringify(vocabulary));
  writeFileSync(join(folder, 'merges.txt'), merges as string);
  for (const name of ['tokenizer_config.json', 'special_tokens_map.json'])
    copyFileSync(fixture(`published/${name}`), join(folder, name));
  return folder;
}
