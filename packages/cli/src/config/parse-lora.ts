import { DraftError } from '@draft/core/plugins';

/** A LoRA as a user asks for it. */
export interface LoraChoice {
  readonly file: string;
  /** How strongly it applies; 1 is as it was trained. */
  readonly strength: number;
}

/**
 * Reads `file[:scale]`. A drive letter's colon is no scale, as a scale has no slash.
 * @throws DraftError `DRAFT_OPTION_INVALID` where the scale is no number.
 */
export const parseLora = (text: string): LoraChoice => {
  const match = /^(.+):([^:\\/]*)$/.exec(text);
  if (match === null) return { file: text, strength: 1 };
  const [, file = '', scale = ''] = match;
  const strength = scale.trim() === '' ? Number.NaN : Number(scale);
  if (!Number.isFinite(strength)) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `The scale of the LoRA ${file} must be a number (given: "${scale}").`,
    );
  }
  return { file, strength };
};
