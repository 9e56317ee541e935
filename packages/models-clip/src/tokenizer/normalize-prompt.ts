/**
 * A prompt as CLIP's vocabulary knows it: composed (NFC), each run of white space one space, in lower case.
 * Lower case is taken character by character, so that a final sigma stays `σ`; a lone surrogate becomes U+FFFD.
 */
export function normalizePrompt(prompt: string): string {
  const collapsed = prompt
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .normalize('NFC')
    .replace(/\p{White_Space}+/gu, ' ');
  return Array.from(collapsed, (character) => character.toLowerCase()).join('');
}
