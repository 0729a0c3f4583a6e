import {
  type BlockingWarning,
  blocksWhenNew,
  clearsItself,
  isRemedyComplete,
} from '../contract/finding-properties.js';
import { withoutLedger } from './by-ledger.js';
import { type FindingIdentity, identityOfFinding } from './finding-identity.js';
import { fittingFindings, foldFindings } from './fold-findings.js';
import { NEXT_STEP, type NextStep, withNextStep } from './remedy-text.js';
import type { Finding } from '../contract/status.js';
import { CLEARED_BY_READING_BOTH, type FindingSource, type SourcedFindings } from './finding-sources.js';

/** The facts about the gate on which the meaning of findings depends. */
interface GateView {
  /** Whether the run waits for an approval at all. */
  readonly gated: boolean;
  /** Whether a warning is new, or is about more than it was when the gate opened. */
  isNewWarning(warning: FindingIdentity): boolean;
}

/** The findings of a run, by their source. */
export class RunFindings {
  constructor(
    private readonly memory: { findings: SourcedFindings },
    private readonly gate: GateView,
  ) {}

  /** Replaces the findings of a source. */
  replace(source: FindingSource, findings: Finding[]): void {
    this.memory.findings[source] = fittingFindings(findings);
  }

  /** Removes the findings that the next reading of both sides will find again if they still hold. */
  clear(): void {
    for (const source of CLEARED_BY_READING_BOTH) this.replace(source, []);
  }

  by(source: FindingSource): readonly Finding[] {
    return this.memory.findings[source] ?? [];
  }

  /** All findings. The remedy of each block also has the next step, such as `signal resynchronize`. */
  all(): Finding[] {
    const present = this.withoutDuplicates().map((finding) =>
      this.isNewBlock(finding) ? asBlock(finding) : finding,
    );
    // Folded once more, for the order.
    return fittingFindings(present).map((finding) => {
      if (finding.severity !== 'block' || isRemedyComplete(finding.code)) return finding;
      return { ...finding, remedy: withNextStep(finding.remedy, this.afterRemedy(finding)) };
    });
  }

  blocks(): FindingIdentity[] {
    return this.all()
      .filter(({ severity }) => severity === 'block')
      .map(identityOfFinding);
  }

  /** The warnings that an approver sees when the gate opens. Some warnings that come later are blocks. */
  warnings(): FindingIdentity[] {
    return this.withoutDuplicates()
      .filter(({ severity }) => severity === 'warn')
      .map(identityOfFinding);
  }

  /** The findings, without duplicates that a recheck of the standby alone found again. */
  private withoutDuplicates(): Finding[] {
    const all = Object.values(this.memory.findings).flat();
    const byText = new Map(
      all.map((one) => [JSON.stringify([one.code, one.sequence, withoutLedger(one.message)]), one]),
    );
    return foldFindings([...byText.values()]);
  }

  private isNewBlock(finding: Finding): finding is BlockingWarning {
    if (this.by('closing').some(({ code }) => code === finding.code)) return false;
    return blocksWhenNew(finding) && this.gate.isNewWarning(identityOfFinding(finding));
  }

  private afterRemedy({ code, sequence }: Finding): NextStep {
    if (!this.gate.gated) return NEXT_STEP.again;
    // Without the primary there is no round that could clear the block, only a recheck of the standby.
    const isOfStandby = this.by('standby').some((one) => one.code === code);
    // If a round has found it too, a recheck cannot clear it: only another round can.
    const isOfRound = this.by('pages').some((one) => one.code === code && one.sequence === sequence);
    return (isOfStandby && !isOfRound) || clearsItself(code) ? NEXT_STEP.recheck : NEXT_STEP.resynchronize;
  }
}

/** A warning that did not exist when the gate opened becomes a block: an approver has to accept it by name. */
function asBlock(finding: BlockingWarning): Finding {
  return {
    ...finding,
    severity: 'block',
    message: `${finding.message} (it was not so when the gate opened)`,
  };
}
