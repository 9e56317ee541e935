import { iconSets } from '../data/icon-set.js';
import { loadSpriteLibrary } from '../data/sprite-library.js';

/** The set that no judge sees in training, so that its drawings show what judges make of a style that is new to them. */
export const unseenSet = 'emojione';

/** The drawings that judges learn from: those of all sets but one, not only those that the captions show. */
export const loadJudgeLibrary = () =>
  loadSpriteLibrary(
    undefined,
    iconSets.filter(({ id }) => id !== unseenSet),
  );

/** The drawings that judges are only tested on. */
export const loadUnseenLibrary = () =>
  loadSpriteLibrary(
    undefined,
    iconSets.filter(({ id }) => id === unseenSet),
  );
