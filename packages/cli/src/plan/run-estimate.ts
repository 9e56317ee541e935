/** A part of an iteration and what it is estimated to take. */
export interface PlannedPart {
  /** `sampling`, `end of the chain`, … */
  readonly name: string;
  /** Calls an iteration, on average. */
  readonly calls: number;
  readonly seconds: number;
  /** Most bytes that a call needs besides weights. */
  readonly bytes: number;
}

/** The memory that a run is estimated to take. */
export interface MemoryEstimate {
  /** Most memory that the process is going to hold, bytes. */
  readonly peakBytes: number;
  readonly memory: {
    /** The process before a model is loaded, and recorded graphs. */
    readonly program: number;
    /** Weights, LoRA and moments. */
    readonly weights: number;
    /** What is computed at the fullest moment. */
    readonly computation: number;
  };
  /** The function that needs the most. */
  readonly largest: string;
}

/** The time that a run is estimated to take. */
export interface TimeEstimate {
  readonly secondsAnIteration: number;
  /** The whole run: iterations, and pictures before, on the way and after. */
  readonly secondsInAll: number;
  readonly parts: readonly PlannedPart[];
}

/** What a run is estimated to take. */
export interface RunEstimate extends MemoryEstimate, TimeEstimate {
  /** Of the pictures, in pixels. */
  readonly size: { readonly height: number; readonly width: number };
}
