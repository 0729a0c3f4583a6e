import type { Contender } from './contender.js';
import { approve, runToGate } from './contenders/durable-run.js';
import type { Case } from './databases.js';
import { withClient } from '../src/local/with-client.js';
import { readHistories, type HistoryFacts } from './history.js';
import { tell } from './progress.js';
import { since, type ProcessorTime } from './processor-time.js';
import { DURABLE, type DurableFacts, type Series } from './results.js';
import type { Line, Reached, Stage } from './stage.js';
import { peakMemory } from './worker.js';

/** Each buffer is larger than the previous one, so that every sequence is behind and has to be set. */
const BUFFER_STEP = 10_000;
let buffer = 0;

export interface Measured {
  series: Series[];
  durable: DurableFacts;
}

/** Runs the durable run and every contender by turns, so that other load on the machine affects all of them. */
export async function measure(
  stage: Stage,
  wanted: Case,
  line: Line,
  { contenders, runs }: { contenders: readonly Contender[]; runs: number },
): Promise<Measured> {
  const databases = await stage.reach(wanted, line);
  const measuredCase = { size: wanted.size, shape: wanted.shape, line };
  const seriesOf = (contender: string, notRun: string | null): Series => ({
    ...{ contender, ...measuredCase, ms: [], sampleOf: null, notRun },
  });
  const durable = seriesOf(DURABLE, null);
  const others: [Contender, Series][] = [];
  for (const contender of contenders) {
    const notRun = await contender.unavailable(stage.servers.primary.version);
    others.push([contender, seriesOf(contender.name, notRun)]);
  }
  const [approvalToEnd, startToGateByEvents]: [number[], number[]] = [[], []];
  let last: DurableRound | undefined;
  let walPerSequenceBare: number | null = null;
  await stage.restartWorker();
  // The first run creates the ledger and opens the connections.
  for (let run = 0; run <= runs; run += 1) {
    last = await measureDurable(stage, databases);
    tell(
      `  ${DURABLE} ${Math.round(last.startToGate)} ms, approval to end ${Math.round(last.approvalToEnd)} ms${run === 0 ? ' (to warm up)' : ''}`,
    );
    if (run === 0) continue;
    durable.ms.push(last.startToGate);
    approvalToEnd.push(last.approvalToEnd);
    startToGateByEvents.push((last.history.gateAt ?? NaN) - last.history.startedAt);
    for (const [contender, series] of others) {
      if (series.notRun !== null) continue;
      const { walPerSequence, outcome } = await measureContender(stage, databases, contender, series);
      if (contender.name === 'bare SQL') walPerSequenceBare = walPerSequence;
      tell(`  ${contender.name} ${outcome}`);
    }
  }
  if (last === undefined) throw new Error('nothing was measured');
  const { history, processorTime, walPerSequence } = last;
  return {
    series: [durable, ...others.map(([, series]) => series)],
    durable: {
      ...measuredCase,
      ...{ approvalToEnd, startToGateByEvents, history, processorTime, walPerSequence, walPerSequenceBare },
      peakMemory: peakMemory(stage.worker()),
    },
  };
}

interface DurableRound {
  /** In milliseconds. */
  startToGate: number;
  /** In milliseconds. */
  approvalToEnd: number;
  history: HistoryFacts;
  /** Until the gate. */
  processorTime: ProcessorTime;
  /** On the standby until the gate, in bytes. */
  walPerSequence: number;
}

async function measureDurable(stage: Stage, databases: Reached): Promise<DurableRound> {
  buffer += BUFFER_STEP;
  await settle(stage);
  const usedBefore = stage.processorTime();
  const walBefore = await walPosition(databases.direct.standbyUrl);
  const { workflowId, startToGate } = await runToGate(stage.client, databases, buffer);
  const wal = (await walPosition(databases.direct.standbyUrl)) - walBefore;
  const used = since(usedBefore, stage.processorTime());
  const approvalToEnd = await approve(stage.client, workflowId);
  const history = await readHistories(stage.client, workflowId);
  return {
    ...{ startToGate, approvalToEnd, history },
    ...{ processorTime: used, walPerSequence: wal / databases.size },
  };
}

/**
 * Adds one run to the series. A contender that fails is not run again.
 *
 * @returns the WAL that it wrote on the standby, in bytes for each sequence, and its time or its failure
 */
async function measureContender(
  stage: Stage,
  databases: Reached,
  contender: Contender,
  series: Series,
): Promise<{ walPerSequence: number; outcome: string }> {
  const { size, direct } = databases;
  buffer += BUFFER_STEP;
  await settle(stage);
  const limit = contender.sampleAtMost?.(databases) ?? Infinity;
  const walBefore = await walPosition(direct.standbyUrl);
  try {
    const ms = await contender.run(databases, buffer, limit);
    const isSample = limit < size;
    if (isSample) series.sampleOf = limit;
    series.ms.push(isSample ? (ms / limit) * size : ms);
  } catch (error) {
    series.notRun = `it failed: ${firstLine(error)}`;
    series.ms = [];
  }
  const walPerSequence = ((await walPosition(direct.standbyUrl)) - walBefore) / size;
  return { walPerSequence, outcome: series.notRun ?? `${Math.round(series.ms.at(-1) ?? 0)} ms` };
}

/** A checkpoint on both servers, so that no contender has to write out the changes of the one before. */
async function settle({ servers }: Stage): Promise<void> {
  await Promise.all(
    [servers.primary, servers.standby].map((server) =>
      withClient(server.url(), (client) => client.query('CHECKPOINT')),
    ),
  );
}

/** In bytes. */
async function walPosition(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ position: string }>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS position`,
    );
    return Number(rows[0]?.position);
  });
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr?.trim() || message || String(error)).split('\n')[0]?.slice(0, 200) ?? '';
}
