import { bytesText, durationText } from '../progress/durations.js';
import { textTable } from '../progress/text-table.js';
import type { TrainingPlan } from './plan-training.js';
import type { RunEstimate } from './run-estimate.js';
import { settingsText } from './with-settings.js';

/** What a run may take, for sentences. */
export interface Budget {
  readonly bytes: number;
  /** Whether the user stated it; if not, it is what is free. */
  readonly stated: boolean;
}

/** Seconds for people, short ones to two digits. */
const timeText = (seconds: number): string =>
  seconds < 10 ? `${Number(seconds.toPrecision(2))} s` : durationText(seconds);

const budgetText = ({ bytes, stated }: Budget): string =>
  stated ? `${bytesText(bytes)} of --memory` : `${bytesText(bytes)} that are free`;

/** What `draft train` says first; nothing where the user wants no plan. */
export const planLines = ({
  plan,
  budget,
  unknown,
}: {
  readonly plan: TrainingPlan | undefined;
  readonly budget: Budget;
  readonly unknown?: string;
}): readonly string[] => {
  if (plan === undefined) {
    return unknown === undefined ? [] : [`plan: memory and time are not known beforehand: ${unknown}`];
  }
  const { estimate, settings } = plan;
  const flags = settingsText(settings);
  return [
    `plan: about ${bytesText(estimate.peakBytes)} of memory at the peak, of ${budgetText(budget)}; ` +
      `about ${timeText(estimate.secondsAnIteration)} an iteration, ${timeText(estimate.secondsInAll)} in all`,
    ...(flags === '' ? [] : [`plan: ${flags}, so that it fits`]),
  ];
};

const share = (seconds: number, { secondsAnIteration }: RunEstimate): string =>
  `${Math.round((100 * seconds) / Math.max(secondsAnIteration, 1e-9))} %`;

/** What `draft plan` shows. */
export const planTable = ({ estimate, settings }: TrainingPlan, budget: Budget): string => {
  const { memory, parts } = estimate;
  const flags = settingsText(settings);
  return [
    textTable([
      ['memory', ''],
      ['  program and graphs', bytesText(memory.program)],
      ['  weights, LoRA and moments', bytesText(memory.weights)],
      [`  computing (${estimate.largest})`, bytesText(memory.computation)],
      ['at the peak', bytesText(estimate.peakBytes)],
      [budget.stated ? 'allowed' : 'free', bytesText(budget.bytes)],
    ]),
    '',
    textTable([
      ['an iteration', 'calls', 'time', '', 'memory'],
      ...parts.map(({ name, calls, seconds, bytes }) => [
        `  ${name}`,
        Number(calls.toFixed(1)),
        timeText(seconds),
        share(seconds, estimate),
        bytesText(bytes),
      ]),
      ['in all', '', timeText(estimate.secondsAnIteration), '', ''],
      ['the run', '', timeText(estimate.secondsInAll), '', ''],
    ]),
    '',
    flags === '' ? 'It fits as it is configured.' : `It fits with ${flags}, which draft train chooses.`,
  ].join('\n');
};
