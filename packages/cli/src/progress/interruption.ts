/** Two Ctrl-C that are this close, in milliseconds, are one: wrappers pass on what the terminal sent to all. */
const sameKeystroke = 300;

/** Tells that the user wants to stop. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

/**
 * Listens to Ctrl-C (and to a request to terminate): the first asks to stop at the next good moment, the
 * second quits at once.
 * @param announce Called at the first one.
 */
export const watchInterruption = (announce: () => void): Interruption => {
  const controller = new AbortController();
  let first = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort();
      announce();
    } else if (Date.now() - first > sameKeystroke) {
      process.exit(signal === 'SIGINT' ? 130 : 143);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
};
