import { htmlEntities } from './html-entities.js';
import { fromWindows1252 } from './windows-1252.js';

const reference = /&(?:#([0-9]+);?|#[xX]([0-9a-fA-F]+);?|([^\t\n\f <&#;]{1,32};?))/gu;

/** What HTML lets no reference stand for: control characters, and code points that are no characters. */
const isInvalid = (code: number): boolean =>
  (code >= 0x1 && code <= 0x8) ||
  code === 0xb ||
  (code >= 0xe && code <= 0x1f) ||
  code === 0x7f ||
  (code >= 0xfdd0 && code <= 0xfdef) ||
  (code & 0xfffe) === 0xfffe;

function numbered(code: number): string {
  if (code === 0 || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return '\ufffd';
  if (code >= 0x80 && code <= 0x9f) return fromWindows1252(String.fromCharCode(code));
  return isInvalid(code) ? '' : String.fromCodePoint(code);
}

/** The longest beginning of a name that HTML knows, and the rest as it stands. */
function named(name: string): string {
  const entities = htmlEntities();
  for (let length = name.length; length > 1; length -= 1) {
    const found = entities.get(name.slice(0, length));
    if (found !== undefined) return found + name.slice(length);
  }
  return `&${name}`;
}

/** Puts characters in the place of HTML's references to them, as Python's `html.unescape` does: also without semicolons. */
export const unescapeHtml = (text: string): string =>
  text.replace(reference, (_, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return named(name);
    return numbered(Number.parseInt(decimal ?? hexadecimal ?? '', decimal === undefined ? 16 : 10));
  });
