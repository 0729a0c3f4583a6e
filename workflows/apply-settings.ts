import type { Finding } from '../src/contract/status.js';
import type { PairIdentity, Setting } from '../src/contract/steps.js';
import { setting } from './activities.js';
import { whenAllAreOver } from './all-over.js';

/** About as many setvals as fit in one statement without holding locks for long. */
const BATCH = 500;

/**
 * Sets every sequence, one by one or in batches. A sequence that fails in a batch is tried again alone; what
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
  const batches: Setting[][] = [];
  for (let start = 0; start < settings.length; start += BATCH)
    batches.push(settings.slice(start, start + BATCH));
  const results = await whenAllAreOver(
    batches.map(async (batch, index) => {
      const part = batches.length > 1 ? ` (${index + 1} of ${batches.length})` : '';
      const report = await setting.applyTargets.executeWithOptions(
        { summary: `apply ${batch.length} targets${label}${part}` },
        [{ identity, settings: batch, alone: false }],
      );
      const retried = report.failed.map(async (failure) => {
        const one = batch.find(({ sequence }) => sequence === failure.sequence);
        if (one === undefined || !failure.retryable) return [setvalFailed(failure)];
        return applyAlone(identity, one);
      });
      return (await whenAllAreOver(retried)).flat();
    }),
  );
  return results.flat();
}

async function applyAlone(identity: PairIdentity, one: Setting): Promise<Finding[]> {
  const report = await setting.applyTargets.executeWithOptions(
    { summary: `apply ${one.sequence} → ${one.value}` },
    [{ identity, settings: [one], alone: true }],
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
