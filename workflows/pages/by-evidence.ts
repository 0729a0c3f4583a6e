import type { TargetReport, VerifyReport } from '../../src/steps/page-steps.js';
import type { Provable } from '../../src/planning/verified-rows.js';
import { packTable } from '../../src/steps/table.js';
import { reading } from '../activities.js';
import type { PageTask } from './page-task.js';

/** What a page verifies by: the steps of its work, or those after a cancellation. */
export type VerifySteps = Pick<typeof reading, 'verifyStandby' | 'verifyByEvidence'>;

/** The targets of a page whose primary is lost. */
export function computeByEvidence(task: PageTask): Promise<TargetReport> {
  const { identity, range, mode, policy, primaryMaxConnections: maxConnections } = task;
  return reading.computeByEvidence.executeWithOptions({ summary: 'compute targets from evidence' }, [
    { identity, range, mode, policy, maxConnections },
  ]);
}

/** Proves the rows ahead of where the primary is presumed to have stood. */
export function verifyByEvidence(
  steps: VerifySteps,
  { identity, range }: PageTask,
  expected: readonly Provable[],
): Promise<Omit<VerifyReport, 'primaryReadAt' | 'readings'>> {
  const expectations = expected.map(({ oid, increment, buffer, primaryNext }) => ({
    ...{ oid, increment, buffer },
    primaryNext: primaryNext ?? '0',
  }));
  return steps.verifyByEvidence.executeWithOptions({ summary: 'verify the standby against the evidence' }, [
    { identity, range, expectations: packTable(expectations) },
  ]);
}
