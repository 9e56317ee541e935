import { DraftError, nearestName, type TrainedPart, trainedParts } from '@draft/core/plugins';

/**
 * Reads what is to be trained: names of parts, several of them separated by commas, each counted once.
 * @throws DraftError `DRAFT_OPTION_INVALID` where there is none, or one is no part.
 */
export const parseTrain = (asked: string | readonly string[]): readonly TrainedPart[] => {
  const names = [asked]
    .flat()
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `--train names nothing to train: give one or several of ${trainedParts.join(', ')}.`,
    );
  }
  const unknown = names.find((name) => !(trainedParts as readonly string[]).includes(name));
  if (unknown !== undefined) {
    const meant = nearestName(unknown, trainedParts);
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `--train ${unknown} is nothing that can be trained${meant ? `, did you mean ${meant}?` : '.'} There are ${trainedParts.join(', ')}.`,
    );
  }
  return trainedParts.filter((part) => names.includes(part));
};
