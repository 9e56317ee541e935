/** Whose diversity is measured, and in what. */
export interface DiversityTask {
  /** How many training prompts; 0 measures nothing. */
  readonly prompts: number;
  /** Pictures of each. */
  readonly samples: number;
  /** `pixels`, or a CLIP checkpoint. */
  readonly embedding: string;
}

/** What a process of its own is to train, as JSON in its first argument. */
export interface RunTask {
  /** Arguments of `draft train`. */
  readonly args: readonly string[];
  /** Absolute path of the run folder. */
  readonly folder: string;
  readonly iterations: number;
  readonly moments: readonly number[];
  readonly diversity: DiversityTask;
  /** Where the pictures before training go; absent where they are there. */
  readonly baseFolder?: string;
}

/** A line of `processes.jsonl`: one process that worked on a run. */
export interface ProcessUsage {
  /** From its start to its end, loading and judging included. */
  readonly seconds: number;
  /** The most memory that it held at once (resident set). */
  readonly peakBytes: number;
  /** Whether the run came to its end in it. */
  readonly finished: boolean;
}

/** Exit status of a run whose reward or gradient became no finite number. */
export const divergedStatus = 3;
