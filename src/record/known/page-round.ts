import type { Finding } from '../../contract/status.js';
import { foldFindings } from '../../findings/fold-findings.js';
import type {
  ApplyInput,
  ApplyReport,
  TargetReport,
  VerifyInput,
  VerifyReport,
} from '../../steps/page-steps.js';
import { unpackTable } from '../../steps/table.js';
import { plansIn } from '../planned.js';
import type { Step } from '../steps.js';
import { finding, type RoundResults } from './run-knowledge.js';

/** The round of a pair of one page, whose steps are those of the run itself. */
export class PageRound {
  private readonly names: ReadonlyMap<number, string>;
  private readonly found: Finding[];
  private readonly failed = new FailedSettings();
  private readonly results: Omit<RoundResults, 'findings' | 'ledgerUnavailable'> = {
    ...{ minimumHeadroom: null, primaryReadAt: null, verifiedAt: null },
  };

  /** @param planned the step that computed the targets */
  constructor(planned: Step) {
    this.names = new Map(
      plansIn(planned).flatMap(({ oid, sequence }) => (oid === undefined ? [] : [[oid, sequence]])),
    );
    this.found = [...(planned.result as TargetReport).findings];
  }

  applied(step: Step): void {
    this.failed.add(step, this.names);
  }

  verified({ input, result }: Step): void {
    const { behind, least, verifiedAt, primaryReadAt } = result as Partial<VerifyReport>;
    const expected = unpackTable((input as VerifyInput).expectations);
    const nameOf = (position: number) => this.names.get(expected[position]?.oid ?? 0) ?? '';
    this.found.push(...(behind ?? []).map(([at]) => finding('block', 'NOT_AHEAD', '', nameOf(at))));
    Object.assign(this.results, {
      minimumHeadroom: least == null ? null : { sequence: nameOf(least.position), calls: least.headroom },
      ...{ verifiedAt: verifiedAt ?? null, primaryReadAt: primaryReadAt ?? null },
    });
  }

  /** @param readAt when the round first read the primary, if nothing had to be verified */
  end(ledgerUnavailable: string | null, readAt: string | null, endedAt: string | null): RoundResults {
    const { primaryReadAt, verifiedAt, minimumHeadroom } = this.results;
    return {
      findings: foldFindings([...this.found, ...this.failed.findings()]),
      minimumHeadroom,
      primaryReadAt: primaryReadAt ?? readAt,
      verifiedAt: verifiedAt ?? endedAt,
      ledgerUnavailable,
    };
  }
}

/** Sequences that could not be set. One that is tried again counts as its last attempt ended. */
export class FailedSettings {
  private readonly failed = new Map<number, Finding>();

  add({ input, result }: Step, names: ReadonlyMap<number, string>): void {
    const { settings, alone } = input as ApplyInput;
    for (const { oid } of unpackTable(settings)) this.failed.delete(oid);
    for (const { oid, reason } of (result as ApplyReport).failed)
      this.failed.set(oid, finding('block', 'SETVAL_FAILED', reason, alone ?? names.get(oid) ?? null));
  }

  findings(): Finding[] {
    return [...this.failed.values()];
  }
}
