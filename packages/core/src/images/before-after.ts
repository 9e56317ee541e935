import { composeGrid } from './compose-grid.js';
import type { Pixels } from './pixels.js';

/** One picture and its reward. */
export interface ScoredPicture {
  readonly picture: Pixels;
  readonly reward: number;
}

/** The same prompts and seeds before and after training. */
export interface BeforeAfter {
  readonly prompts: readonly string[];
  readonly before: readonly ScoredPicture[];
  readonly after: readonly ScoredPicture[];
  /** What the numbers under the pictures are. @default 'reward' */
  readonly rewardName?: string;
}

/** Numbers with the same decimals, four significant digits in the largest, and a real minus sign. */
export function formatRewards(rewards: readonly number[]): string[] {
  const largest = rewards
    .filter(Number.isFinite)
    .reduce((most, reward) => Math.max(most, Math.abs(reward)), 0);
  const digits = largest > 0 ? 3 - Math.floor(Math.log10(largest)) : 0;
  return rewards.map((reward) => {
    if (!Number.isFinite(reward)) return String(reward);
    const text = digits > 8 || digits < -3 ? reward.toExponential(2) : reward.toFixed(Math.max(0, digits));
    return text.replace(/^-(?=[0.]*$)/, '').replace(/-/g, '−');
  });
}

/** Two rows of pictures, before and after, with the prompt above and the reward under each. */
export function composeBeforeAfter({ prompts, before, after, rewardName = 'reward' }: BeforeAfter): Pixels {
  const numbers = formatRewards([...before, ...after].map(({ reward }) => reward));
  const row = (label: string, scored: readonly ScoredPicture[], first: number) => ({
    label,
    pictures: scored.map(({ picture }) => picture),
    captions: scored.map((_, i) => `${rewardName} ${numbers[first + i]}`),
  });
  return composeGrid([row('before', before, 0), row('after', after, before.length)], { columns: prompts });
}
