/**
 * Lets the process look at signals and timers once. Computing keeps it from that: whatever it awaits is ready at
 * once, so the event loop does not turn by itself.
 */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
