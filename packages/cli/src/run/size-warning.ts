import { openSafetensors } from '@draft/core';

/** A picture's size in pixels. */
interface Size {
  readonly height: number;
  readonly width: number;
}

const key = 'modelspec.resolution';

/** What a LoRA's file says of the size of the pictures that it was trained on, `WIDTHxHEIGHT`. */
export const sizeMetadata = ({ height, width }: Size): Readonly<Record<string, string>> => ({
  [key]: `${width}x${height}`,
});

/** The size that a file names; undefined where it names none, or cannot be read, which whoever loads it will say. */
export const trainedSize = (path: string): Size | undefined => {
  let text: string | undefined;
  try {
    const file = openSafetensors(path);
    text = file.metadata[key];
    file.close();
  } catch {
    return undefined;
  }
  const [, width, height] = /^(\d{1,6})x(\d{1,6})$/.exec(text ?? '') ?? [];
  return width === undefined || height === undefined
    ? undefined
    : { height: Number(height), width: Number(width) };
};

/** A warning for each LoRA that was trained on pictures of another size: grids and repetitions are to be expected. */
export const sizeWarnings = (
  loras: readonly { readonly name: string; readonly path: string }[],
  { height, width }: Size,
): readonly string[] =>
  loras.flatMap(({ name, path }) => {
    const trained = trainedSize(path);
    return trained === undefined || (trained.height === height && trained.width === width)
      ? []
      : [
          `warning: ${name} was trained on pictures of ${trained.height}x${trained.width}, and draws ones of ` +
            `${height}x${width}: patterns may show; --size ${trained.height}x${trained.width} is its own.`,
        ];
  });
