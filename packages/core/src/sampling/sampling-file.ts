import { DraftError } from '../errors/draft-error.js';
import { openSafetensors } from '../files/open-safetensors.js';
import { readSafetensors, type StoredTensor } from '../files/read-safetensors.js';
import { type TensorToStore, writeSafetensors } from '../files/write-safetensors.js';
import type { GuidanceNumbers, SamplingNumbers } from './sampling-numbers.js';

const names = { weights: 'guidance.weights', timesteps: 'guidance.timesteps', negative: 'negative' } as const;
const known: readonly string[] = Object.values(names);

/** What the header of a LoRA file calls the sampling weights that were learnt with it, a file beside it. */
const companionKey = 'draft.sampling';

const invalid = (path: string, reason: string) =>
  new DraftError('DRAFT_SAMPLING_INVALID', `${path} does not hold sampling weights: ${reason}.`);

/** Text for the header of a LoRA file that says which file beside it was learnt with it. */
export const companionMetadata = (file: string): Readonly<Record<string, string>> => ({
  [companionKey]: file,
});

/** What a safetensors file is, as far as sampling weights go. */
export interface SamplingHeader {
  /** Whether it holds sampling weights itself. */
  readonly own: boolean;
  /** The file beside it that was learnt with it; undefined where there is none. */
  readonly companion: string | undefined;
}

/**
 * Looks at the header of a file.
 * @throws DraftError as `openSafetensors` does.
 */
export const readSamplingHeader = (path: string): SamplingHeader => {
  const file = openSafetensors(path);
  file.close();
  const companion = file.metadata[companionKey];
  return {
    own: [...file.entries.keys()].some((name) => known.includes(name)),
    // A name, never a way to another folder.
    companion: companion !== undefined && /^[\w.-]+$/.test(companion) ? companion : undefined,
  };
};

/** Writes sampling weights, float32, atomically. */
export const writeSamplingFile = (
  path: string,
  { guidance, negative }: SamplingNumbers,
  metadata: Readonly<Record<string, string>> = {},
): void => {
  const row = (numbers: readonly number[]): TensorToStore => ({
    shape: [numbers.length],
    data: Float32Array.from(numbers),
  });
  writeSafetensors(
    path,
    {
      ...(guidance
        ? { [names.weights]: row(guidance.weights), [names.timesteps]: row(guidance.timesteps) }
        : {}),
      ...(negative ? { [names.negative]: negative } : {}),
    },
    { format: 'pt', ...metadata },
  );
};

const readGuidance = (
  path: string,
  weights: StoredTensor,
  timesteps: StoredTensor | undefined,
): GuidanceNumbers => {
  const [count = 0] = weights.shape;
  if (!timesteps || weights.shape.length !== 1 || `${timesteps.shape}` !== `${weights.shape}` || count < 1) {
    throw invalid(path, 'its guidance is not one weight for each of its timesteps');
  }
  const knots = Array.from(timesteps.data);
  if (knots.some((knot, i) => !(knot >= 0 && knot < 1000) || (i > 0 && !(knot < knots[i - 1]!)))) {
    throw invalid(path, 'its timesteps do not fall strictly within 0 to 999');
  }
  return { timesteps: knots, weights: Array.from(weights.data) };
};

/**
 * Reads sampling weights.
 * @throws DraftError `DRAFT_SAMPLING_INVALID` naming the file and what is wrong, or as `readSafetensors`.
 */
export const readSamplingFile = (path: string): SamplingNumbers => {
  const { tensors } = readSafetensors(path);
  const unknown = [...tensors.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalid(path, `it also holds ${JSON.stringify(unknown.slice(0, 60))}`);
  }
  for (const { data } of tensors.values()) {
    if (!data.every(Number.isFinite)) throw invalid(path, 'not all of its numbers are finite');
  }
  const weights = tensors.get(names.weights);
  const negative = tensors.get(names.negative);
  if (!weights && !negative) throw invalid(path, 'it has neither guidance nor negative text states');
  if (negative && (negative.shape.length !== 3 || negative.shape[0] !== 1 || negative.data.length === 0)) {
    throw invalid(path, `its negative text states have the shape [${negative.shape.join(', ')}]`);
  }
  return {
    ...(weights ? { guidance: readGuidance(path, weights, tensors.get(names.timesteps)) } : {}),
    ...(negative ? { negative: { shape: negative.shape, data: negative.data } } : {}),
  };
};
