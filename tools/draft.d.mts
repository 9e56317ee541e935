/** Runs `draft` with these arguments in a process of its own; resolves to its exit status. */
export declare const runFromSource: (args: readonly string[]) => Promise<number>;
