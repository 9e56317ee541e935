/** The names of all strategies. */
export const strategyNames = ['best-of', 'prompt-template', 'latent'] as const;

/** The name of a strategy. */
export type StrategyName = (typeof strategyNames)[number];
