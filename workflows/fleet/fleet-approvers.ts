import { type Approvers, approversOf } from '../../src/contract/approvers.js';
import type { FleetInput } from '../../src/contract/fleet.js';

/**
 * The approvers of each entry of a fleet. Entries without approvers of their own share one object, so that a decision on all pairs is
 * judged once.
 */
export class FleetApprovers {
  private readonly known = new Map<number, Approvers | null>();

  constructor(private readonly input: FleetInput | null) {}

  /** @returns null if the run of the entry would refuse its input itself */
  of(entry: number): Approvers | null {
    const { defaults = {}, entries = [] } = this.input ?? {};
    const own = entries[entry]?.input ?? {};
    const key = 'approval' in own || 'requestedBy' in own ? entry : -1;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const approvers = approversOf({ ...defaults, ...own });
    this.known.set(key, approvers);
    return approvers;
  }
}
