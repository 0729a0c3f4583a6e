import { sequenceFinding } from '../../src/findings/make-finding.js';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Finding } from '../../src/contract/status.js';
import { withSequenceName } from '../../src/planning/remedies/with-sequence-name.js';
import type { NamedSetting } from '../../src/planning/rows/settings.js';
import type { ApplyInput, ApplyReport } from '../../src/steps/page-steps.js';
import { packTable } from '../../src/steps/table.js';
import { lastValueBefore } from '../../src/sequences/sequence.js';
import { setting } from '../activities.js';
import { allSettled } from '../all-settled.js';
import { summary } from '../summary.js';

/**
 * The most sequences that are tried again one by one. If more than these are locked, most likely all are; and a workflow may have at most 2,000
 * open activities.
 */
const ALONE_AT_MOST = 100;

/**
 * Sets every sequence, either one by one or all in one step. Sequences that fail in the common step are tried again: up to 100 of them
 * alone, the rest together. A sequence that still fails becomes a finding, and the others are set.
 */
export async function applySettings(
  where: Where,
  settings: readonly NamedSetting[],
  individually: boolean,
  { label = '', ...options }: ApplyOptions = {},
): Promise<Finding[]> {
  if (individually) {
    const results = await allSettled(settings.map((one) => applyAlone(where, one, options)));
    return results.flat();
  }
  if (settings.length === 0) return [];
  const failures = await applyBatch(where, settings, { label, ...options });
  const again = failures.filter(({ failure }) => failure.retryable).map(({ one }) => one);
  const alone = again.slice(0, ALONE_AT_MOST).map((one) => applyAlone(where, one, options));
  const findings = await allSettled(alone);
  const rest = again.slice(ALONE_AT_MOST);
  const last =
    rest.length === 0 ? [] : await applyBatch(where, rest, { label: `${label}, again`, ...options });
  const hopeless = failures.filter(({ failure }) => !failure.retryable);
  return [
    ...findings.flat(),
    ...[...hopeless, ...last].map(({ one, failure }) => setvalFailed(one, failure)),
  ];
}

type Where = Pick<ApplyInput, 'identity' | 'range'>;

interface ApplyOptions extends ActivityOptions {
  /** Follows the number of targets in the summary of the step. */
  label?: string;
}

async function applyBatch(
  where: Where,
  settings: readonly NamedSetting[],
  { label = '', ...options }: ApplyOptions,
) {
  const report = await setting.applyTargets.executeWithOptions(
    { summary: `apply ${settings.length} targets${label}`, ...options },
    [{ ...where, settings: packTable(settings.map((one) => one.setting)), alone: null }],
  );
  if (report.failed.length === 0) return [];
  const byOid = new Map(settings.map((one) => [one.setting.oid, one]));
  return report.failed.map((failure) => {
    const one = byOid.get(failure.oid);
    if (one === undefined) throw new Error(`The oid ${failure.oid} failed, and was not to be set.`);
    return { one, failure };
  });
}

async function applyAlone(where: Where, one: NamedSetting, options: ActivityOptions): Promise<Finding[]> {
  const { increment, target, called } = one.setting;
  const value = lastValueBefore(BigInt(target), BigInt(increment), called);
  const report = await setting.applyTargets.executeWithOptions(
    { summary: summary(`apply ${one.sequence} → ${value.toString()}`), ...options },
    [{ ...where, settings: packTable([one.setting]), alone: one.sequence }],
  );
  return report.failed.map((failure) => setvalFailed(one, failure));
}

/** A sequence that could not be set. */
export function setvalFailed(
  { sequence }: NamedSetting,
  { reason, remedy }: ApplyReport['failed'][number],
): Finding {
  return sequenceFinding(
    'SETVAL_FAILED',
    sequence,
    `${sequence} could not be set on the standby: ${reason}`,
    withSequenceName(remedy, sequence),
  );
}
