import type { Finding } from '../src/contract/status.js';
import type { ApplyInput, ApplyReport, Setting } from '../src/contract/steps.js';
import { packTable } from '../src/contract/table.js';
import { lastValueBefore } from '../src/sequences/sequence.js';
import { setting } from './activities.js';
import { whenAllAreOver } from './all-over.js';

/** A setting, and whose it is: a batch of them travels without the names, which history has already. */
export interface NamedSetting {
  sequence: string;
  setting: Setting;
}

/**
 * Sets every sequence, one by one or all in one step. A sequence that fails among others is tried again alone; what
 * then still fails is a finding, and the others are set.
 */
export async function applySettings(
  where: Pick<ApplyInput, 'identity' | 'range'>,
  settings: readonly NamedSetting[],
  individually: boolean,
  label: string,
): Promise<Finding[]> {
  if (individually) {
    const results = await whenAllAreOver(settings.map((one) => applyAlone(where, one)));
    return results.flat();
  }
  if (settings.length === 0) return [];
  const report = await setting.applyTargets.executeWithOptions(
    { summary: `apply ${settings.length} targets${label}` },
    [{ ...where, settings: packTable(settings.map((one) => one.setting)), alone: null }],
  );
  if (report.failed.length === 0) return [];
  const byOid = new Map(settings.map((one) => [one.setting.oid, one]));
  const retried = report.failed.map(async (failure) => {
    const one = byOid.get(failure.oid);
    if (one === undefined) return [];
    return failure.retryable ? applyAlone(where, one) : [setvalFailed(one, failure)];
  });
  return (await whenAllAreOver(retried)).flat();
}

async function applyAlone(
  where: Pick<ApplyInput, 'identity' | 'range'>,
  one: NamedSetting,
): Promise<Finding[]> {
  const { increment, target, called } = one.setting;
  const value = lastValueBefore(BigInt(target), BigInt(increment), called);
  const report = await setting.applyTargets.executeWithOptions(
    { summary: `apply ${one.sequence} → ${value.toString()}` },
    [{ ...where, settings: packTable([one.setting]), alone: one.sequence }],
  );
  return report.failed.map((failure) => setvalFailed(one, failure));
}

function setvalFailed(
  { sequence }: NamedSetting,
  { reason, remedy }: ApplyReport['failed'][number],
): Finding {
  return {
    severity: 'block',
    code: 'SETVAL_FAILED',
    sequence,
    count: 1,
    message: `${sequence} could not be set on the standby: ${reason}`,
    remedy,
  };
}
