import { tf } from '@draft/core';
import { DraftError } from '@draft/core/plugins';
import { type CheckOutcome, checkPackage } from './check-package.js';
import type { CheckRequest } from './check-settings.js';

const line = ({ title, failure }: CheckOutcome): string =>
  failure === undefined ? `  ok      ${title}` : `  failed  ${title}\n          ${failure}`;

/**
 * Runs `draft check`.
 * @throws DraftError `DRAFT_CHECK_FAILED` where a check fails, after everything has been shown.
 */
export const checkForUser = async (
  path: string,
  cwd: string,
  json: boolean,
  request: CheckRequest,
): Promise<void> => {
  // Also silences the advice to install another package.
  tf.enableProdMode();
  let subject = '';
  const show = (outcome: CheckOutcome): void => {
    if (outcome.subject !== subject) process.stdout.write(`${outcome.subject}\n`);
    subject = outcome.subject;
    process.stdout.write(`${line(outcome)}\n`);
  };
  const report = await checkPackage(path, cwd, json ? () => {} : show, request);
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else for (const warning of report.warnings) process.stdout.write(`warning: ${warning}\n`);
  const failed = report.outcomes.filter(({ failure }) => failure !== undefined).length;
  const total = report.outcomes.length;
  if (failed > 0) {
    throw new DraftError(
      'DRAFT_CHECK_FAILED',
      `${failed} of ${total} checks of ${report.package} failed: each is shown with its reason.`,
    );
  }
  if (!json) process.stdout.write(`${total} checks passed.\n`);
};
