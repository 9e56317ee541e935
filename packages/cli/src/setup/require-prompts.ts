import { DraftError } from '@draft/core/plugins';

/**
 * The prompts of a command that cannot do without.
 * @param what What it does with them, for the message: `train on`.
 * @throws DraftError `DRAFT_OPTION_MISSING` where there are none.
 */
export const requirePrompts = (
  prompts: string | readonly string[] | undefined,
  what: string,
): string | readonly string[] => {
  if (prompts === undefined || prompts.length === 0) {
    throw new DraftError(
      'DRAFT_OPTION_MISSING',
      `There are no prompts to ${what}: give some with --prompts, or a text file of them.`,
    );
  }
  return prompts;
};
