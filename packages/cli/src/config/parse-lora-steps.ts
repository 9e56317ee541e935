import { DraftError } from '@draft/core/plugins';

/** The sampling steps at which LoRAs apply, counted from 1 in the order in which they run, both ends included. */
export interface LoraSteps {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads `from:to`; an end that is left out is the first or the last step, and a number alone is that step.
 * @param steps Sampling steps in all.
 * @throws DraftError `DRAFT_OPTION_INVALID` where there are no such steps.
 */
export const parseLoraSteps = (text: string, steps: number): LoraSteps => {
  const match = /^\s*(\d*)\s*(?:(:)\s*(\d*)\s*)?$/.exec(text);
  const [, first = '', colon, last = ''] = match ?? [];
  const from = first === '' ? 1 : Number(first);
  const to = colon === undefined ? from : last === '' ? steps : Number(last);
  if (match === null || (first === '' && last === '') || from < 1 || to < from || to > steps) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `--lora-steps takes FROM:TO, two of the sampling steps 1 to ${steps}, the first to run being 1 (given: ${JSON.stringify(text)}).`,
    );
  }
  return { from, to };
};
