import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import { QUERIES, SIGNALS, TASK_QUEUE, WORKFLOW_TYPES } from '../src/contract/names.js';
import {
  PROMOTION_TASK_TIMEOUT,
  type PromotionResult,
  type PromotionStatus,
} from '../src/contract/promotion.js';
import { until } from '../src/local/until.js';
import type { Case } from './databases.js';
import { describeMachine } from './machine.js';
import { temporalVersion } from './program.js';
import { tell } from './progress.js';
import { ofSequences, ofTables, startStage, type Reached, type Stage } from './stage.js';
import { switchToMarkdown } from './switch-report.js';
import type { SwitchResults, SwitchSeries } from './switch-results.js';
import { writeResults } from './write-results.js';

export interface SwitchOptions {
  /** Numbers of sequences; the largest is measured with a table for each sequence too. */
  readonly sizes: readonly number[];
  /** How often each case is promoted. */
  readonly runs: number;
  /** The folder for the results. */
  readonly out: string;
}

const buffer = { calls: '1000000' };

export async function benchSwitches({ sizes, runs, out }: SwitchOptions): Promise<void> {
  const results = await measureSwitches([...sizes.map(ofSequences), ofTables(sizes)], runs);
  writeResults(out, { 'switch.md': switchToMarkdown(results), 'switch.json': results });
}

async function measureSwitches(cases: readonly Case[], runs: number): Promise<SwitchResults> {
  const stage = await startStage(cases);
  try {
    const sizes: SwitchSeries[] = [];
    for (const each of cases) {
      tell(`${each.size} ${each.shape}`);
      const reached = await stage.reach(each, 'loopback');
      sizes.push(await measureCase(stage, reached, runs));
      await stage.drop(each);
    }
    const machine = describeMachine({
      postgres: stage.servers.primary.version,
      temporal: await temporalVersion(stage.temporal.cli),
    });
    return { machine, runs, sizes };
  } finally {
    await stage.stop();
  }
}

async function measureCase(
  stage: Stage,
  { name, primaryUrl, standbyUrl, size, shape }: Reached,
  runs: number,
): Promise<SwitchSeries> {
  const series: SwitchSeries = { sequences: size, shape, outageMs: [], steps: [], undoMs: [] };
  let [here, there] = [primaryUrl, standbyUrl];
  let pair = name;
  const writer = new Writer(here);
  try {
    for (let run = 1; run <= runs; run += 1) {
      await writer.writes();
      const undo = await measureUndo(stage, pair, `${pair}-undone-${run}`, writer);
      if (undo !== null) series.undoMs.push(undo);
      const result = await promoted(await start(stage, pair, `${pair}-promoted-${run}`));
      [here, there] = [there, here];
      pair = pair === name ? `reversed:${name}` : name;
      writer.moveTo(here);
      const { outageMs, steps } = result.certificate;
      tell(
        `  outage ${outageMs} ms (${steps.map(({ step, ms }) => `${step} ${ms}`).join(', ')}), undo ${undo ?? '?'} ms`,
      );
      series.outageMs.push(outageMs);
      series.steps.push(steps);
    }
    return series;
  } finally {
    await writer.stop();
  }
}

function start(stage: Stage, pair: string, workflowId: string): Promise<WorkflowHandle> {
  return stage.client.workflow.start(WORKFLOW_TYPES.promotion, {
    taskQueue: TASK_QUEUE,
    workflowId,
    args: [{ pair, buffer, outageBudget: '1 minute' }],
    workflowTaskTimeout: PROMOTION_TASK_TIMEOUT,
  });
}

async function promoted(handle: WorkflowHandle): Promise<PromotionResult> {
  return (await handle.result()) as PromotionResult;
}

/** @returns null if the standby was open before the rejection arrived */
async function measureUndo(
  stage: Stage,
  pair: string,
  workflowId: string,
  writer: Writer,
): Promise<number | null> {
  const handle = await start(stage, pair, workflowId);
  for (;;) {
    const { phase } = await handle.query<PromotionStatus>(QUERIES.status);
    if (phase === 'outage') break;
    if (phase !== 'before-the-switch') throw new Error(`${workflowId} came to ${phase}.`);
    await delay(5);
  }
  const rejectedAt = performance.now();
  await handle.signal(SIGNALS.reject, { by: 'bench', reason: 'to be undone' });
  const writtenAt = await writer.nextAfter(rejectedAt);
  try {
    await handle.result();
  } catch (error) {
    if (error instanceof WorkflowFailedError) return Math.round(writtenAt - rejectedAt);
    throw error;
  }
  throw new Error(`${workflowId} was promoted before it could be rejected.`);
}

/** Inserts as fast as it can. If it may not write, it connects again. */
class Writer {
  #last = 0;
  #rows = 0;
  #stopping = false;
  readonly #running: Promise<void>;

  constructor(private url: string) {
    this.#running = this.#run();
  }

  moveTo(url: string): void {
    this.url = url;
  }

  async writes(): Promise<void> {
    const before = this.#rows;
    await until(() => this.#rows > before + 100, { timeout: 60_000, what: 'the writer to write' });
  }

  /** The time of the first confirmed write that began after this time. */
  async nextAfter(time: number): Promise<number> {
    await until(() => this.#last > time, { timeout: 60_000, interval: 1, what: 'the writer to write again' });
    return this.#last;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  /** A function call, since the value changes while the loop waits. */
  private isStopping(): boolean {
    return this.#stopping;
  }

  async #run(): Promise<void> {
    while (!this.isStopping()) {
      const client = new pg.Client(this.url);
      client.on('error', () => undefined);
      try {
        await client.connect();
        while (!this.isStopping()) {
          await client.query(
            "INSERT INTO replicated SELECT gen_random_uuid() FROM (SELECT nextval('orders_1_id_seq') OFFSET 0) AS one",
          );
          this.#rows += 1;
          this.#last = performance.now();
        }
      } catch {
        await delay(5);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}
