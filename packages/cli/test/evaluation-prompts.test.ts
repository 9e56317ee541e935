import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DraftError } from '@draft/core/plugins';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDelimited } from '../src/evaluate/prompts/parse-delimited.js';
import { parsePromptJson } from '../src/evaluate/prompts/parse-prompt-json.js';
import { parsePromptTable } from '../src/evaluate/prompts/parse-prompt-table.js';
import { shippedPromptSets } from '../src/evaluate/prompts/prompt-sets.js';
import { readEvaluationPrompts } from '../src/evaluate/prompts/read-evaluation-prompts.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-prompts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return name;
};
const sets = { animals: ['cat', 'dog'], 'held-out': ['fox'] };
const read = (given: string | readonly string[], limit?: number) =>
  readEvaluationPrompts(given, sets, folder, limit);

describe('prompts to evaluate on', () => {
  it('reads PartiPrompts: its columns, and quotation marks that belong to prompts', () => {
    const file = write(
      'parti.tsv',
      'Prompt\tCategory\tChallenge\tNote\r\nthe words "Fly, an airplane"\tArts\tBasic\t\r\n"G I G G L E" painted\tFood & Beverage\tWriting & Symbols\tGLIDE\r\n',
    );
    expect(read(file)).toEqual([
      { prompt: 'the words "Fly, an airplane"', groups: { category: 'Arts', challenge: 'Basic' } },
      {
        prompt: '"G I G G L E" painted',
        groups: { category: 'Food & Beverage', challenge: 'Writing & Symbols' },
      },
    ]);
  });

  it("reads HPSv2's four files, by their folder or one by one, in the order of its benchmark", () => {
    const styles = ['anime', 'concept-art', 'paintings', 'photo'];
    for (const style of styles) write(`hps/${style}.json`, JSON.stringify([`${style} 1`, `${style} 2`]));
    const expected = styles.flatMap((style) =>
      [1, 2].map((i) => ({ prompt: `${style} ${i}`, groups: { style } })),
    );
    expect(read('hps')).toEqual(expected);
    expect(read(styles.map((style) => `hps/${style}.json`))).toEqual(expected);
  });

  it('reads sets, text files and typed prompts, and tells several apart', () => {
    const file = write('mine.txt', '\ufeff# comment\n\na fox, running \n');
    expect(read(file)).toEqual([{ prompt: 'a fox, running', groups: {} }]);
    expect(read(['animals', file, 'a bee', 'an ant'])).toEqual([
      { prompt: 'cat', groups: { set: 'animals' } },
      { prompt: 'dog', groups: { set: 'animals' } },
      { prompt: 'a fox, running', groups: { set: 'mine' } },
      { prompt: 'a bee', groups: { set: 'typed' } },
      { prompt: 'an ant', groups: { set: 'typed' } },
    ]);
    expect(read(['a bee', 'an ant']).map(({ groups }) => groups)).toEqual([{}, {}]);
  });

  it('reads CSV, objects in JSON, and UTF-16', () => {
    const csv = write('a.csv', 'id,prompt,style\n1,"a ""big"", red\nfox",oil\n');
    expect(read(csv)).toEqual([{ prompt: 'a "big", red\nfox', groups: { style: 'oil' } }]);
    const json = write('b.json', '[{"Prompt": "fox", "Category": "Animals", "n": 2}, "bee"]');
    expect(read(json)).toEqual([
      { prompt: 'fox', groups: { category: 'Animals' } },
      { prompt: 'bee', groups: { style: 'b' } },
    ]);
    expect(read(write('c.json', '{"oil": ["fox"], "ink": ["bee"]}'))).toEqual([
      { prompt: 'fox', groups: { style: 'oil' } },
      { prompt: 'bee', groups: { style: 'ink' } },
    ]);
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Prompt\nfüchse\n', 'utf16le')]);
    expect(read(write('wide.tsv', wide))).toEqual([{ prompt: 'füchse', groups: {} }]);
  });

  it('takes a limited number evenly', () => {
    const file = write('ten.txt', Array.from({ length: 10 }, (_, i) => `p${i}`).join('\n'));
    expect(read(file, 4).map(({ prompt }) => prompt)).toEqual(['p0', 'p2', 'p5', 'p7']);
    expect(read(file, 99)).toHaveLength(10);
    expect(read(file, 1)).toHaveLength(1);
  });

  it('has the 45 animals, and six that are none of them', () => {
    const { 'all-animals': all = [], 'unseen-animals': unseen = [] } = shippedPromptSets;
    expect(new Set(all).size).toBe(45);
    expect(unseen.filter((animal) => all.includes(animal))).toEqual([]);
    expect(unseen).toHaveLength(6);
  });

  it('takes a folder that is called like a prompt for a prompt', () => {
    mkdirSync(join(folder, 'fox'), { recursive: true });
    expect(read('fox')).toEqual([{ prompt: 'fox', groups: {} }]);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['none.tsv', '', 'none.tsv holds no prompts.'],
    ['head.tsv', 'Prompt\tCategory\n', 'head.tsv holds no prompts.'],
    ['blank.txt', '\n# nothing\n', 'blank.txt holds no prompts.'],
    ['list.json', '[]', 'list.json holds no prompts.'],
    ['wrong.tsv', 'a fox\tAnimals\n', 'wrong.tsv has no column Prompt; its first line is "a fox\\tAnimals".'],
    [
      'long.tsv',
      'Prompt\tCategory\nfox\tA\tB\n',
      'long.tsv:2: the line has 3 cells, but the head of the table has 2.',
    ],
    ['gap.tsv', 'Prompt\tCategory\nfox\tA\n\tB\n', 'gap.tsv:3: the line has no prompt.'],
    ['short.tsv', 'Prompt\tCategory\n\nfox\n', 'short.tsv:3: the line has no category.'],
    ['open.csv', 'prompt\nfox\n"a bee\n', 'open.csv:3: a cell with quotation marks must begin and end'],
    ['inner.csv', 'prompt\na "red" fox\n', 'inner.csv:2: a cell with quotation marks must begin and end'],
    ['torn.json', '["fox", ', 'torn.json is not valid JSON: '],
    ['number.json', '3', 'number.json holds no list of prompts: expected ["a prompt", …].'],
    ['styles.json', '{"oil": "fox"}', 'styles.json holds no list of prompts under "oil"'],
    [
      'items.json',
      '["fox", 3]',
      'items.json: item 2 is no prompt: expected text, or an object with "prompt" (given: 3).',
    ],
    ['empty.json', '["fox", " "]', 'empty.json: item 2 is an empty prompt.'],
    ['latin.txt', Uint8Array.from([0x66, 0xfc, 0x0a]), 'latin.txt is not text in UTF-8: save it as such.'],
    ['binary.txt', Uint8Array.from([0x66, 0, 0, 1]), 'binary.txt is not a text file.'],
  ])('refuses %s in one sentence', (name, content, message) => {
    expect(() => read(write(name, content))).toThrow(message);
  });

  it('names what is not there', () => {
    expect(() => read('absent.tsv')).toThrow(/absent\.tsv/);
    write('half/anime.json', '["fox"]');
    expect(() => read('half')).toThrow('it has no concept-art.json, paintings.json, photo.json');
    expect(() => read(' ')).toThrow('A prompt must not be empty.');
  });
});

describe('readers of prompt sets, on any text', () => {
  const refusesOrReads = (parse: () => readonly unknown[]): void => {
    try {
      expect(Array.isArray(parse())).toBe(true);
    } catch (error) {
      expect(DraftError.is(error)).toBe(true);
      expect((error as Error).message).not.toMatch(/undefined|\[object|\n/);
    }
  };
  const piece = fc.oneof(
    fc.constantFrom(
      '"',
      '""',
      ',',
      '\t',
      '\n',
      '\r\n',
      '\r',
      'Prompt',
      'Category',
      'style',
      'fox',
      ' ',
      '[',
      '{',
      ']',
      '}',
      ':',
    ),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  const anything = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

  it('read it or refuse it in one sentence', () => {
    fc.assert(
      fc.property(anything, (text) => {
        for (const separator of ['tab', 'comma'] as const) {
          refusesOrReads(() => parsePromptTable(text, separator, 'x'));
          refusesOrReads(() =>
            parsePromptTable(`Prompt${separator === 'tab' ? '\t' : ','}Style\n${text}`, separator, 'x'),
          );
        }
        refusesOrReads(() => parsePromptJson(text, 's', 'x'));
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        refusesOrReads(() => parsePromptJson(JSON.stringify(value), 's', 'x')),
      ),
      { numRuns: 500 },
    );
  });

  it('give back what was written as CSV and TSV', () => {
    const filled = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => text.trim() !== '');
    const table = fc.array(fc.tuple(filled, filled), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(table, (rows) => {
        const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
        const csv = rows.map((row) => row.map(quote).join(',')).join('\r\n');
        expect(parseDelimited(csv, 'comma', 'x').map(({ cells }) => cells)).toEqual(rows);
        const plain = rows.map((row) => row.map((cell) => cell.replace(/[\t\r\n]/g, '_')));
        const tsv = plain.map((row) => row.join('\t')).join('\n');
        expect(parseDelimited(tsv, 'tab', 'x').map(({ cells }) => cells)).toEqual(plain);
      }),
    );
    fc.assert(
      fc.property(fc.array(filled), (prompts) => {
        const read = parsePromptJson(JSON.stringify(prompts), 'anime', 'x');
        expect(read).toEqual(
          prompts.map((prompt) => ({ prompt: prompt.trim(), groups: { style: 'anime' } })),
        );
      }),
    );
  });
});
