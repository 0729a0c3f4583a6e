import { expect } from 'vitest';
import type { Finding } from '../../../../src/contract/status.js';
import { foldFindings } from '../../../../src/findings/fold-findings.js';
import type { Policy } from '../../../../src/steps/identity.js';
import type { TwoSides } from '../two-sides.js';

export const isBlock = ({ severity }: Finding) => severity === 'block';

/** Code and sequence of each. */
export const named = (findings: readonly Finding[]) =>
  findings
    .filter(({ code }) => code !== 'DATA_NOT_CHECKED')
    .map(({ code, sequence }) => `${code} ${String(sequence)}`)
    .sort();

/** Follows the remedies of a pair. */
export function remediesOn(pair: () => TwoSides) {
  /**
   * Plans, follows each remedy, plans again, and sees that nothing is left; then sets what was planned.
   *
   * @returns the findings of the first time
   */
  async function follow(policy: Partial<Policy> = {}): Promise<string[]> {
    const sides = pair();
    const first = await sides.plan(policy);
    for (const finding of foldFindings(first.findings)) await sides.follow(finding);
    const second = await sides.plan(policy);
    expect(second.findings).toEqual([]);
    expect(second.rows.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    await sides.apply(second.rows);
    return named(first.findings);
  }

  const insert = (statement: string) => pair().standby.sql<{ id: string }>(`${statement} RETURNING id::text`);

  return { follow, insert };
}
