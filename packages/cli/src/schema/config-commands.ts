/** The commands that read configs; `plan` reads those of `train`. */
export const configCommands = ['train', 'generate', 'evaluate', 'compare', 'gradients', 'diagnose'] as const;

/** A command that reads configs. */
export type ConfigCommand = (typeof configCommands)[number];
