const marker = Symbol.for('@draft/error');

/**
 * The error that every function a user reaches throws: a stable `code` and one sentence that says what
 * happened, the offending value and what to do. The command line prints the sentence, with `details` below it, and exits with 1.
 */
export class DraftError extends Error {
  readonly code: string;
  /** Lines below the sentence that help to put it right; mostly none. */
  readonly details: readonly string[];
  readonly [marker] = true;

  constructor(
    code: string,
    message: string,
    { details = [], ...options }: { readonly cause?: unknown; readonly details?: readonly string[] } = {},
  ) {
    super(message, options);
    this.name = 'DraftError';
    this.code = code;
    this.details = details;
  }

  /** Tells a DraftError from any other value, also one thrown by another copy of this package. */
  static is(value: unknown): value is DraftError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}
