import { condition, setHandler, workflowInfo } from '@temporalio/workflow';
import { longestSample } from '../../src/contract/buffer-policy.js';
import { packOutcomes } from '../../src/planning/rows/outcomes.js';
import { toRow } from '../../src/steps/sequence-row.js';
import { largestBuffers } from '../../src/sequences/measured-buffer.js';
import { typedEnding } from '../ending.js';
import { handleFloods } from '../floods.js';
import { answerSequences } from '../sequences-answer.js';
import { proceedSignal, recordedQuery, sequencesQuery, statementsQuery } from '../messages.js';
import { answerRecorded } from '../recorded-answer.js';
import { Page } from './page.js';
import type { PageReport, PageTask } from './page-task.js';

/** The number of measured buffers in the report. For the others, the report has the largest of them. */
const MEASURED_TOLD = 200;

/** One page as its own workflow. It keeps the rows, and answers queries about them after it has ended. */
export async function synchronizePage(task: PageTask): Promise<PageReport> {
  const page = new Page(task);
  const isMeasured = longestSample(task.policy) !== null;
  let mayProceed = false;
  const proceed = () => {
    mayProceed = true;
  };
  handleFloods((name) => {
    if (name === proceedSignal.name) proceed();
  });
  setHandler(proceedSignal, proceed);
  setHandler(sequencesQuery, (...args) => answerSequences(page.rows.map(toRow), [], args));
  setHandler(statementsQuery, () => page.statements());
  setHandler(recordedQuery, () => answerRecorded(page.recorded()));
  return typedEnding(async () => {
    if (isMeasured) {
      await page.sample();
      // All pages measure at the same time. The run lets only a few of them work at once.
      await condition(() => mayProceed);
    }
    await page.work();
    page.noteEarlier();
    const report = page.report();
    const { measured } = report;
    return {
      ...report,
      measured: measured && largestBuffers([measured], MEASURED_TOLD),
      outcomes: packOutcomes(page.rows),
    };
  }, `page ${workflowInfo().workflowId}`);
}
