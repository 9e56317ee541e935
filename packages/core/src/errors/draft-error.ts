const marker = Symbol.for('@draft/error');

/** What goes with an error's sentence. */
export interface DraftErrorOptions {
  readonly cause?: unknown;
  /** Lines below the sentence that help to put it right. @default none */
  readonly hints?: readonly string[] | undefined;
  /** Lists that the sentence is too short for, by what they are of. @default none */
  readonly details?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * The error that every function a user reaches throws: a stable `code` and one sentence that says what
 * happened, the offending value and what to do. The command line prints the sentence, with its hints below it, and exits with 1.
 */
export class DraftError extends Error {
  readonly code: string;
  /** Lines below the sentence that help to put it right; mostly none. */
  readonly hints: readonly string[];
  /** Lists that the sentence is too short for; the command line shows them with `DRAFT_DEBUG=1`. */
  readonly details: Readonly<Record<string, readonly string[]>>;
  readonly [marker] = true;

  constructor(
    code: string,
    message: string,
    { hints = [], details = {}, ...options }: DraftErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'DraftError';
    this.code = code;
    this.hints = hints;
    this.details = details;
  }

  /** Tells a DraftError from any other value, also one thrown by another copy of this package. */
  static is(value: unknown): value is DraftError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}
