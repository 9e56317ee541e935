import { writeFileAtomically } from '@draft/core';
import type { EvaluateConfig } from '../config/evaluate-options.js';
import type { RunFolder } from '../run/run-folder.js';
import { type EvaluationPlan, shownPrompts } from './evaluation-plan.js';
import type { EvaluationRecord } from './evaluation-record.js';
import { readResults } from './evaluation-results.js';
import { resultsFile } from './record-evaluation.js';
import { writeEvaluationReport } from './report/write-evaluation-report.js';
import { measuresOf } from './statistics/measures.js';
import { type Summary, summarise } from './statistics/summarise.js';
import { pictureTable, promptTable } from './tables/result-tables.js';
import { writeTable } from './tables/write-table.js';

/**
 * Writes what people look at once everything is drawn: tables, `summary.json`, grids and `report.html`.
 * @returns What stands in `summary.json`.
 */
export const writeEvaluation = async (
  folder: RunFolder,
  plan: EvaluationPlan,
  record: EvaluationRecord,
  config: EvaluateConfig,
): Promise<Summary> => {
  const results = readResults(folder.file(resultsFile), plan);
  const measures = measuresOf(record.rewards);
  const given = { prompts: plan.prompts, variants: plan.variants, measures, results };
  for (const format of config.format) {
    await writeTable(folder.file('results'), format, pictureTable(given));
    await writeTable(folder.file('prompts'), format, promptTable(given));
  }
  const summary = summarise(given);
  const file = {
    model: record.model.description,
    loras: record.loras.map(({ file: name, strength }) => ({ file: name, strength })),
    rewards: Object.fromEntries(record.rewards.map(({ name, weight }) => [name, weight])),
    prompts: plan.prompts.length,
    perPrompt: plan.perPrompt,
    embedding: config.embedding,
    confidence: 0.95,
    ...summary,
  };
  writeFileAtomically(folder.file('summary.json'), `${JSON.stringify(file, null, 2)}\n`);
  writeEvaluationReport({
    ...given,
    folder,
    summary,
    record,
    embedding: config.embedding,
    shown: shownPrompts(plan),
  });
  return summary;
};
