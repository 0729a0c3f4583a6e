import { changedEndpoint } from '../../../src/postgres/changed-endpoint.js';
import type { Endpoint, Query, Row } from '../../../src/postgres/endpoint.js';
import type { Identity } from '../../../src/steps/identity.js';
import { classify } from '../../../src/postgres/failures/classify.js';
import { SQLSTATE } from '../../../src/postgres/failures/sqlstate.js';

/** A statement as it was sent. */
export interface Statement {
  text: string;
  values: readonly unknown[];
}

/** The same endpoint. It also adds every statement to `statements`. */
export function recordStatements(endpoint: Endpoint, statements: Statement[]): Endpoint {
  const record = (texts: readonly string[]) => {
    for (const text of texts) statements.push({ text, values: [] });
  };
  return changedEndpoint(endpoint, (one) => ({
    transaction: (options, work) => {
      record(options.first ?? []);
      return one.transaction(options, (query, first) => work(recordingQuery(query, statements), first));
    },
    read: (options, texts, repeated = []) => {
      record([...texts, ...repeated]);
      return one.read(options, texts, repeated);
    },
  }));
}

function recordingQuery(query: Query, statements: Statement[]): Query {
  const record = (text: string, values: readonly unknown[] = []) => {
    statements.push({ text, values });
  };
  const one = <R extends Row>(text: string, values: readonly unknown[] = []) => {
    record(text, values);
    return query<R>(text, values);
  };
  const all = <R extends Row>(texts: readonly string[]) => {
    for (const text of texts) record(text);
    return query.all<R>(texts);
  };
  const last = <R extends Row>(texts: readonly string[]) => {
    for (const text of texts) record(text);
    return query.last<R>(texts);
  };
  return Object.assign(one, { all, last });
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Join Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Plan[];
}

export interface Cost {
  statement: string;
  /** Rows that the nodes of its plan produced or threw away, over all loops. */
  rows: number;
  /** Whether it was compiled just in time, which takes longer than any of these statements. */
  compiled: boolean;
  /** The nodes with their rows, for the message of a failed test. */
  plan: string;
}

/** Runs each statement once more, and counts the rows that its plan touches: unlike a time, that is the same on every machine. Statements without a plan are left out. */
export async function costsOf(
  endpoint: Endpoint,
  expected: Identity,
  statements: readonly Statement[],
): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (const { text, values } of statements) {
    if (!/^\s*(SELECT|WITH|INSERT|UPDATE)\b/.test(text)) continue;
    const explain = `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`;
    try {
      const rows = await endpoint.transaction({ access: 'read write', expected, locks: 0 }, (query) =>
        query<{ 'QUERY PLAN': [{ Plan: Plan; JIT?: unknown }] }>(explain, values),
      );
      const [{ Plan: plan, JIT: jit }] = rows[0]?.['QUERY PLAN'] ?? fail(text);
      const statement = text.replace(/'\{[^']{200,}\}'/g, '{…}').replace(/\s+/g, ' ');
      costs.push({ statement, rows: rowsOf(plan), compiled: jit !== undefined, plan: outline(plan) });
    } catch (error) {
      // An INSERT of rows that are there by now.
      if (classify(error).sqlstate !== SQLSTATE.uniqueViolation) throw error;
    }
  }
  return costs;
}

function fail(text: string): never {
  throw new Error(`There is no plan for ${text}`);
}

function rowsOf(node: Plan): number {
  return own(node) + (node.Plans ?? []).reduce((sum, child) => sum + rowsOf(child), 0);
}

function own(node: Plan): number {
  const each =
    node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  return Math.round(each * node['Actual Loops']);
}

function outline(node: Plan, depth = 0): string {
  const line = `${'  '.repeat(depth)}${node['Node Type']} ${node['Relation Name'] ?? ''} ${own(node)}`;
  return [line, ...(node.Plans ?? []).map((child) => outline(child, depth + 1))].join('\n');
}
