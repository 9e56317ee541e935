/** What Windows' bytes 0x80 to 0x9f stand for; the five that it does not assign stay. A TextDecoder is not asked: Node's took them for Latin-1. */
const assigned = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** What a character from U+0080 to U+009F is meant to be, which was Windows' byte of that number. */
export const fromWindows1252 = (character: string): string =>
  assigned[character.charCodeAt(0) - 0x80] ?? character;
