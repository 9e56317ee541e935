type BeginPhase = (name: string, detail: string | undefined) => () => void;

let told: BeginPhase | undefined;

const nothing = () => {};

/** Phases that are whole iterations; others lie inside of them. */
export const iterationPhase = 'iteration';

/** Phases in which a function is recorded as a graph, once for each combination of shapes; they lie inside others. */
export const recordingPhase = 'recording a graph';

/**
 * Begins a part of an iteration that profiles show; without a profile it does nothing.
 * @param detail Which one of several, `step 7`.
 * @returns Ends it.
 */
export const beginPhase = (name: string, detail?: string): (() => void) => told?.(name, detail) ?? nothing;

/** Runs a part of an iteration that profiles show. */
export const inPhase = async <T>(
  name: string,
  detail: string | undefined,
  body: () => Promise<T>,
): Promise<T> => {
  const end = beginPhase(name, detail);
  try {
    return await body();
  } finally {
    end();
  }
};

/**
 * Sets who is told of phases.
 * @returns Who was told before, to set again afterwards.
 */
export const setPhases = (hook: BeginPhase | undefined): BeginPhase | undefined => {
  const previous = told;
  told = hook;
  return previous;
};
