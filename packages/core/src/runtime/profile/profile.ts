/** A stretch of time, in microseconds since the profile began. */
export interface ProfileSpan {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A part of an iteration, `sampling` and so on. */
export interface PhaseSpan extends ProfileSpan {
  /** Which one of several, `step 7`. */
  readonly detail?: string | undefined;
}

/** A call of a compiled function. */
export interface CallSpan extends ProfileSpan {
  /** Whether its graph was made ready during the call, before its first op; that takes long and happens once. */
  readonly first: boolean;
  /** When its first op began, and its last one ended; what comes after is the profile's own work. */
  readonly opsFrom: number;
  readonly opsTo: number;
  /** Most bytes that its ops held at once, arguments and weights not counted. */
  readonly peakBytes: number;
  /** How many bytes its ops held after each change. */
  readonly memory: readonly { readonly at: number; readonly bytes: number }[];
}

/** An op; its name is its kind, `Conv2D` and so on. */
export interface OpSpan extends ProfileSpan {
  /** The compiled function that it is part of; undefined for one that ran by itself. */
  readonly call?: string;
  /** Its name in there, after its section and a slash. */
  readonly node?: string;
  /** Multiplications and additions of a matrix product or convolution, else 0. */
  readonly operations: number;
  /** What its results take. */
  readonly outputBytes: number;
  /** What it allocated; less where it could overwrite an argument. */
  readonly allocatedBytes: number;
}

/** Numbers on their way between JavaScript and the back end. */
export interface TransferSpan extends ProfileSpan {
  readonly bytes: number;
}

/** What the back end did. */
export interface Activity {
  readonly calls: readonly CallSpan[];
  readonly ops: readonly OpSpan[];
  readonly transfers: readonly TransferSpan[];
}

/** What was done, when, and in how much memory. */
export interface Profile extends Activity {
  /** What computed, for example `TensorFlow 2.21.0`. */
  readonly device: string;
  /** Whether the back end told of its ops. */
  readonly detailed: boolean;
  /** Microseconds in all. */
  readonly duration: number;
  /** Whole iterations and what they are made of; later spans lie inside earlier ones or beside them. */
  readonly phases: readonly PhaseSpan[];
}

/** Records what a back end does. Times are microseconds of a clock of its own. */
export interface ActivityRecorder {
  now(): number;
  /** Keeps what runs from now on; what ran before made graphs ready, and is dropped. */
  begin(): void;
  /** Ends the recording; nothing is in the way of the back end any more. */
  stop(): Activity;
}
