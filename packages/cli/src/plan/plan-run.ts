import { DraftError } from '@draft/core/plugins';
import { watchInterruption } from '../progress/interruption.js';
import { createProgress } from '../progress/progress.js';
import { prepareTraining, readTrainLayers } from '../setup/prepare-training.js';
import { openPlan } from './open-plan.js';
import { planReport } from './plan-report.js';
import { planTable } from './plan-table.js';

/** Iterations that are looked at: plans differ from one to the next. */
const iterations = 8;

/**
 * Runs `draft plan`.
 * @param typed What the flags gave, by the names of the options; `json` asks for JSON.
 * @throws DraftError `DRAFT_MEMORY` where the run cannot fit, `DRAFT_PLAN_UNKNOWN` where nothing can be said.
 */
export const planRun = async (typed: Readonly<Record<string, unknown>>, cwd: string): Promise<void> => {
  const json = typed.json === true;
  const progress = createProgress(json ? process.stderr : process.stdout, Date.now);
  const prepared = await prepareTraining(await readTrainLayers(typed, cwd), cwd, progress);
  if (prepared.config.memory === 'off') {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      '--memory off leaves nothing to plan: give a size such as 12GB, or leave it out.',
    );
  }
  const interruption = watchInterruption(() => {});
  try {
    const opened = await openPlan(
      prepared,
      { cwd, progress, signal: interruption.signal },
      { choose: true, iterations, measure: 2 },
    );
    if (opened.plan === undefined) {
      throw new DraftError(
        'DRAFT_PLAN_UNKNOWN',
        `Memory and time of this run cannot be told before it starts: ${opened.unknown}`,
      );
    }
    progress.finish();
    process.stdout.write(
      json
        ? `${JSON.stringify(planReport(opened.plan, opened.budget), null, 2)}\n`
        : `${planTable(opened.plan, opened.budget)}\n`,
    );
  } finally {
    progress.finish();
    interruption.dispose();
  }
};
