/**
 * The 256 printable characters that stand for the 256 byte values in a byte-level vocabulary: a printable Latin-1
 * byte stands for itself, the others, in order, for the characters from U+0100 on.
 * @see https://github.com/openai/gpt-2 (Radford et al. 2019, byte-level byte-pair encoding)
 */
export function byteAlphabet(): readonly string[] {
  const alphabet: string[] = [];
  let next = 0x100;
  for (let byte = 0; byte < 256; byte += 1) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    alphabet.push(String.fromCharCode(printable ? byte : next++));
  }
  return alphabet;
}
