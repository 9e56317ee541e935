import { htmlEntities } from './html-entities.js';
import { unescapeHtml } from './unescape-html.js';
import { fromWindows1252 } from './windows-1252.js';

const ligatures: Readonly<Record<string, string>> = {
  Ĳ: 'IJ',
  ĳ: 'ij',
  ŉ: 'ʼn',
  Ǳ: 'DZ',
  ǲ: 'Dz',
  ǳ: 'dz',
  Ǆ: 'DŽ',
  ǅ: 'Dž',
  ǆ: 'dž',
  Ǉ: 'LJ',
  ǈ: 'Lj',
  ǉ: 'lj',
  Ǌ: 'NJ',
  ǋ: 'Nj',
  ǌ: 'nj',
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
  ﬅ: 'ſt',
  ﬆ: 'st',
};

/** Names in capitals that HTML does not know, of characters whose small names it knows. */
const inCapitals = (name: string): string | undefined => {
  if (name !== name.toUpperCase() || unescapeHtml(`&${name}`) !== `&${name}`) return undefined;
  return htmlEntities().get(name.toLowerCase())?.toUpperCase();
};

/** Unlike `unescapeHtml` only what ends in a semicolon, so that `this&not that` stays. */
const unescapeUnambiguous = (text: string): string =>
  text.replace(/&(#?[0-9A-Za-z]{1,24};)/g, (whole, name: string) => {
    if (!name.startsWith('#')) return htmlEntities().get(name) ?? inCapitals(name) ?? whole;
    const unescaped = unescapeHtml(whole);
    return unescaped.includes(';') ? whole : unescaped;
  });

/** The steps of ftfy, in its order, but for the first, which depends on what the text holds. */
const steps: readonly (readonly [RegExp, (match: string) => string])[] = [
  [/[\x80-\x9f]/g, fromWindows1252],
  [new RegExp(`[${Object.keys(ligatures).join('')}]`, 'g'), (letter) => ligatures[letter] ?? letter],
  [/[\uff01-\uffef\u3000]/g, (wide) => (wide === '\u3000' ? ' ' : wide.normalize('NFKC'))],
  [/[\u02bc\u2018-\u201b]/g, () => "'"],
  [/[\u201c-\u201f]/g, () => '"'],
  [/\r\n|[\r\u2028\u2029\x85]/g, () => '\n'],
  [/\p{Surrogate}/gu, () => '\ufffd'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  [/\x1b\[[\p{Nd};]*[a-zA-Z]/gu, () => ''],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  [/[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/g, () => ''],
];

function fixLine(line: string, unescapes: boolean): string {
  let text = line;
  for (;;) {
    const before = text;
    if (unescapes) text = unescapeUnambiguous(text);
    for (const [pattern, fix] of steps) text = text.replace(pattern, fix);
    text = text.normalize('NFC');
    if (text === before) return text;
  }
}

/**
 * What ftfy's `fix_text` makes of a text: HTML's references unescaped where no `<` tells of markup, ligatures and wide forms
 * resolved, curly quotes straight, control characters and terminal codes taken out, composed (NFC). Text that was decoded
 * by the wrong encoding (`schÃ¶n`) is not mended, which ftfy guesses at.
 * @see https://github.com/rspeer/python-ftfy
 */
export function fixText(text: string): string {
  let unescapes = true;
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      // Also for the lines that follow.
      if (line.includes('<')) unescapes = false;
      return fixLine(line, unescapes);
    })
    .join('');
}
