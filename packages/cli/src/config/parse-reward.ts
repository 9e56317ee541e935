import { DraftError } from '@draft/core/plugins';

/** A reward as a user asks for it. */
export interface RewardChoice {
  /** Name, package or path. */
  readonly request: string;
  readonly weight: number;
}

/**
 * Reads `name[:weight]`.
 * @throws DraftError `DRAFT_OPTION_INVALID` where the weight is no number, or is 0.
 */
export const parseReward = (text: string): RewardChoice => {
  const match = /^(.+):([^:\\/]*)$/.exec(text);
  // `file:` and drive letters have a colon too; a weight has no slash.
  if (match === null) return { request: text, weight: 1 };
  const [, request = '', weightText = ''] = match;
  const weight = weightText.trim() === '' ? Number.NaN : Number(weightText);
  if (!Number.isFinite(weight) || weight === 0) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `The weight of the reward "${request}" must be a number other than 0 (given: "${weightText}").`,
    );
  }
  return { request, weight };
};
