import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES, SEARCHABLE, type Searchable } from '../../src/contract/search-attributes.js';
import { cutBytes } from '../../src/contract/parsing/text.js';
import type { Run } from './run.js';
import type { RunObserver } from './run-observers.js';

/** The largest size of a keyword in bytes, if the server keeps its visibility in SQL. */
const LONGEST_KEYWORD = 255;

/**
 * Keeps the search attributes of a run up to date, once a worker has said which of them the namespace has. With an attribute that is not
 * registered, the workflow task would fail again and again.
 */
export class SearchAttributes implements RunObserver {
  private last: Partial<Record<Searchable, string>> = {};
  private outcome: string | null = null;

  constructor(private readonly run: Run) {}

  changed(): void {
    // The end also changes the outcome, which is reported next.
    if (this.run.memory.ending === undefined) this.upsert();
  }

  ended(outcome: string): void {
    this.outcome = outcome;
    this.upsert();
  }

  private upsert(): void {
    const { searchable = [] } = this.run.memory;
    const now = this.values();
    const changed = SEARCHABLE.flatMap((one) => {
      const value = now[one];
      if (value === undefined || !searchable.includes(one) || value === this.last[one]) return [];
      return [{ key: defineSearchAttributeKey(SEARCH_ATTRIBUTES[one], SearchAttributeType.KEYWORD), value }];
    });
    if (changed.length === 0) return;
    this.last = now;
    upsertSearchAttributes(changed);
  }

  private values(): Partial<Record<Searchable, string>> {
    const { memory, gated } = this.run;
    const { input, phase, gate } = memory;
    if (input === null) return {};
    const values = {
      ...{ pair: input.pair, mode: input.mode, phase },
      ...(gated && gate !== null && { gate: gate.state }),
      ...(this.outcome !== null && { outcome: this.outcome }),
      ...(input.ticket !== null && { ticket: input.ticket }),
    };
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, cutBytes(value, LONGEST_KEYWORD)]),
    );
  }
}
