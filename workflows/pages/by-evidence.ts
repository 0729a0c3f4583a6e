import type { TargetReport, VerifyReport } from '../../src/steps/page-steps.js';
import type { Provable } from '../../src/planning/rows/verified-rows.js';
import { packTable } from '../../src/steps/table.js';
import { reading } from '../activities.js';
import type { PageTask } from './page-task.js';

/** The activities that verify a page. After a cancellation they have other timeouts. */
export type VerifySteps = Pick<typeof reading, 'verifyStandby' | 'verifyByEvidence'>;

/** Computes the targets of a page if the primary is lost. */
export function computeByEvidence(task: PageTask): Promise<TargetReport> {
  const { identity, range, mode, policy, primaryMaxConnections: maxConnections } = task;
  return reading.computeByEvidence.executeWithOptions({ summary: 'compute targets from evidence' }, [
    { identity, range, mode, policy, maxConnections },
  ]);
}

/** Verifies that the standby is ahead of the presumed position of the primary. */
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
