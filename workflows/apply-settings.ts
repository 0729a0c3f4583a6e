import type { Finding } from '../src/contract/status.js';
import type { PairIdentity, Setting } from '../src/contract/steps.js';
import { packTable } from '../src/contract/table.js';
import { usualSetting } from '../src/contract/usual.js';
import { setting } from './activities.js';
import { whenAllAreOver } from './all-over.js';

/**
 * Sets every sequence, one by one or all in one step. A sequence that fails among others is tried again alone; what
 * then still fails is a finding, and the others are set.
 */
export async function applySettings(
  identity: PairIdentity,
  settings: readonly Setting[],
  individually: boolean,
  label: string,
): Promise<Finding[]> {
  if (individually) {
    const results = await whenAllAreOver(settings.map((one) => applyAlone(identity, one)));
    return results.flat();
  }
  if (settings.length === 0) return [];
  const report = await setting.applyTargets.executeWithOptions(
    { summary: `apply ${settings.length} targets${label}` },
    [{ identity, settings: packTable(settings, usualSetting), alone: false }],
  );
  const byName = new Map(settings.map((one) => [one.sequence, one]));
  const retried = report.failed.map(async (failure) => {
    const one = byName.get(failure.sequence);
    if (one === undefined || !failure.retryable) return [setvalFailed(failure)];
    return applyAlone(identity, one);
  });
  return (await whenAllAreOver(retried)).flat();
}

async function applyAlone(identity: PairIdentity, one: Setting): Promise<Finding[]> {
  const report = await setting.applyTargets.executeWithOptions(
    { summary: `apply ${one.sequence} → ${one.value}` },
    [{ identity, settings: packTable([one]), alone: true }],
  );
  return report.failed.map(setvalFailed);
}

function setvalFailed(failure: { sequence: string; reason: string; remedy: string }): Finding {
  return {
    severity: 'block',
    code: 'SETVAL_FAILED',
    sequence: failure.sequence,
    count: 1,
    message: `${failure.sequence} could not be set on the standby: ${failure.reason}`,
    remedy: failure.remedy,
  };
}
