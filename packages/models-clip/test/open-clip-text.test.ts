import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../src/index.js';
import { publishedTokenizerFiles } from '../src/tokenizer/published-tokenizer.js';
import { jsonFixture } from './support/fixture.js';

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly row: readonly number[];
}

const cases = jsonFixture<readonly Case[]>('open-clip/tokens.json');
const openClip = createTokenizer(publishedTokenizerFiles(), { style: 'open_clip' });
const transformers = createTokenizer(publishedTokenizerFiles());

describe('prompts as open_clip reads them', () => {
  it.each(cases)('have its ids: $text', ({ text, ids, row }) => {
    expect([49406, ...openClip.tokens(text), 49407]).toEqual(ids);
    expect([...openClip.encode(text)]).toEqual(row);
  });

  it('differ from what transformers reads where texts are mended, and in special strings', () => {
    const differ = cases.filter(({ text }) => `${transformers.tokens(text)}` !== `${openClip.tokens(text)}`);
    expect(differ.length).toBeGreaterThan(10);
    expect(transformers.tokens('lion <|endoftext|>')).toEqual([5567, 49407]);
    expect(openClip.tokens('lion <|endoftext|>')).toEqual([5567, 27, 347, 40786, 4160, 91, 285]);
    expect(openClip.tokens('lion <end_of_text>')).toEqual([5567, 49407]);
    expect(openClip.tokens('ﬁne &amp;amp; &quot;curly&quot; “quotes”')).toEqual(
      transformers.tokens('fine & "curly" "quotes"'),
    );
  });

  it('keep text that was decoded by the wrong encoding', () => {
    // Python's ftfy guesses "schön" here.
    expect(openClip.tokens('schÃ¶n')).toEqual(transformers.tokens('schÃ¶n'));
  });
});
