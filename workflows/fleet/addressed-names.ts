import { blockText } from '../../src/contract/block-text.js';
import { BLOCKS_NAMED } from '../../src/contract/fleet-reports.js';
import type { FleetRow } from '../../src/contract/fleet-status.js';
import type { BlockName } from '../../src/contract/gate.js';
import type { RowsNames } from '../../src/contract/messages.js';
import { nameOf } from '../../src/findings/acceptance.js';
import { inBothRowsListsText, inTwoListsText, listQuoted } from '../refusal-texts.js';

/** The names in an approval, or in a resynchronization. */
export interface Names extends RowsNames {
  accept: readonly string[];
}

/** The code in an entry that names one thing of a block, such as `TABLES_NOT_READY public.orders`; otherwise null. */
const codeOf = (entry: string) => /^([A-Z_]+) ./su.exec(entry)?.[1] ?? null;

/**
 * The names in a decision on a fleet. The gate of a pair refuses a decision with a name that no block there has, so each pair gets only
 * the names of its own blocks.
 */
export class AddressedNames {
  private readonly accepted: ReadonlySet<string>;
  private readonly acceptedCodes: ReadonlySet<string | null>;
  private readonly rows: readonly string[];
  private readonly decided: ReadonlySet<string>;

  constructor(private readonly names: Names) {
    const { accept, ignoreRows = [], raisePastRows = [] } = names;
    this.accepted = new Set(accept);
    this.acceptedCodes = new Set(accept.map(codeOf));
    this.rows = [...ignoreRows, ...raisePastRows];
    this.decided = new Set(this.rows);
  }

  /** Why the decision is refused; null if each name belongs to a block on one of these pairs. */
  refusal(members: readonly FleetRow[]): string | null {
    const blocks = new KnownBlocks(members);
    const unknown = this.names.accept.filter((entry) => !blocks.hasBlock(entry));
    if (unknown.length > 0) {
      return `nothing to accept under the name ${listQuoted(unknown)} on the pairs addressed; the query pairs shows the blocks in blockedBy (beyond the first ${BLOCKS_NAMED} of a pair, approve its own workflow)`;
    }
    const both = this.rows.length === this.decided.size ? null : this.rows.find(isRepeated);
    if (both != null) return inBothRowsListsText(both);
    const left = this.names.accept
      .map((entry) => entry.replace(/^OUTLIER_DATA /u, ''))
      .find((name) => this.decided.has(name));
    if (left !== undefined) return inTwoListsText(left);
    const foreign = this.rows.filter((name) => !blocks.hasRows(name));
    return foreign.length === 0
      ? null
      : `no block OUTLIER_DATA is about ${listQuoted(foreign)} on the pairs addressed; the query pairs shows the blocks in blockedBy (beyond the first ${BLOCKS_NAMED} of a pair, decide in its own workflow)`;
  }

  /** The names that belong to a block of this pair; only lists that are not empty. */
  of(member: FleetRow): Partial<Record<keyof Names, string[]>> {
    const blocks = new KnownBlocks([member]);
    const { accept, ignoreRows = [], raisePastRows = [] } = this.names;
    const own = {
      accept: accept.filter((entry) => blocks.hasBlock(entry)),
      ignoreRows: ignoreRows.filter((name) => blocks.hasRows(name)),
      raisePastRows: raisePastRows.filter((name) => blocks.hasRows(name)),
    };
    return Object.fromEntries(Object.entries(own).filter(([, names]) => names.length > 0));
  }

  /** The blocks of the pair that are not named. As far as the fleet knows, the gate of the pair would refuse an approval because of them. */
  inTheWay({ blockedBy, blockedCount }: FleetRow): string[] {
    const named = blockedBy.filter((block) => !this.covers(block)).map(blockText);
    const more = blockedCount - blockedBy.length;
    return more > 0
      ? [...named, `${more} more that only its own workflow shows, and that can be accepted only there`]
      : named;
  }

  /** Whether the message names a block. Only the gate of the pair knows whether it names everything that the block is about. */
  private covers(block: BlockName): boolean {
    if (this.accepted.has(nameOf(block)) || this.acceptedCodes.has(block.code)) return true;
    if (block.code !== 'OUTLIER_DATA') return false;
    return block.sequence === null ? this.rows.length > 0 : this.decided.has(block.sequence);
  }
}

/** The blocks of some pairs, as far as the fleet knows them. */
class KnownBlocks {
  private readonly names: ReadonlySet<string>;
  private readonly codes: ReadonlySet<string>;
  private readonly rows: ReadonlySet<string | null>;

  constructor(members: readonly FleetRow[]) {
    const all = members.flatMap(({ blockedBy }) => blockedBy);
    this.names = new Set(all.map(nameOf));
    this.codes = new Set(all.map(({ code }) => code));
    this.rows = new Set(all.filter(({ code }) => code === 'OUTLIER_DATA').map(({ sequence }) => sequence));
  }

  hasBlock(entry: string): boolean {
    return this.names.has(entry) || this.codes.has(codeOf(entry) ?? '');
  }

  /** A folded finding is about many sequences, and only the gate of the pair knows which. */
  hasRows(sequence: string): boolean {
    return this.rows.has(sequence) || this.rows.has(null);
  }
}

function isRepeated(name: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(name) !== index;
}
