import { fixText } from './fix-text.js';
import { unescapeHtml } from './unescape-html.js';

/** A prompt as open_clip hands it to its vocabulary: mended, unescaped twice, each run of white space one space, in lower case. */
export const cleanOpenClipPrompt = (prompt: string): string =>
  unescapeHtml(unescapeHtml(fixText(prompt)))
    .replace(/\p{White_Space}+/gu, ' ')
    .trim()
    .toLowerCase();
