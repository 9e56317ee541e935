import { DraftError } from '@draft/core/plugins';

/** Reads a picture size, `HxW` or one number for both; null leaves it to the checkpoint. */
export const parseSize = (
  size: string | number | undefined,
): { readonly height: number; readonly width: number } | null => {
  if (size === undefined) return null;
  const [height, width = height] = String(size).split('x').map(Number);
  if (!height || !width) {
    throw new DraftError('DRAFT_OPTION_INVALID', `--size takes HEIGHTxWIDTH or one number (given: ${size}).`);
  }
  return { height, width };
};
