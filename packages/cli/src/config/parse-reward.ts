import { DraftError } from '@draft/core/plugins';

/** A reward as a user asks for it. */
export interface RewardChoice {
  /** What the user calls it, where that is not what it is called itself. */
  readonly alias?: string;
  /** Name, package or path. */
  readonly request: string;
  readonly weight: number;
}

const divide = (text: string): { readonly alias?: string; readonly rest: string } => {
  // A path begins with a dot or a slash, and may hold a "=".
  const [, alias, rest] = /^([a-z0-9][a-z0-9_-]*)=(.+)$/.exec(text) ?? [];
  return alias === undefined || rest === undefined ? { rest: text } : { alias, rest };
};

/** The name under which options of a reward are set: its alias, or what it is asked for by. */
export const rewardKey = (text: string): string => {
  const { alias, rest } = divide(text);
  return alias ?? rest.replace(/:[^:\\/]*$/, '');
};

/**
 * Reads `[alias=]name[:weight]`.
 * @throws DraftError `DRAFT_OPTION_INVALID` where the weight is no number, or is 0.
 */
export const parseReward = (text: string): RewardChoice => {
  const { alias, rest } = divide(text);
  const named = alias === undefined ? {} : { alias };
  const match = /^(.+):([^:\\/]*)$/.exec(rest);
  // `file:` and drive letters have a colon too; a weight has no slash.
  if (match === null) return { ...named, request: rest, weight: 1 };
  const [, request = '', weightText = ''] = match;
  const weight = weightText.trim() === '' ? Number.NaN : Number(weightText);
  if (!Number.isFinite(weight) || weight === 0) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `The weight of the reward "${request}" must be a number other than 0 (given: "${weightText}").`,
    );
  }
  return { ...named, request, weight };
};
