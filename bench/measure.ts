import type { Contender } from './contender.js';
import { approve, runToGate } from './contenders/durable-run.js';
import { withClient } from './databases.js';
import { readHistories, type HistoryFacts } from './history.js';
import { since, type ProcessorTime } from './processor-time.js';
import { DURABLE, type DurableFacts, type Series } from './results.js';
import type { Case, Line, Stage } from './stage.js';

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
  {
    contenders,
    runs,
    tell,
  }: { contenders: readonly Contender[]; runs: number; tell: (what: string) => void },
): Promise<Measured> {
  const databases = await stage.reach(wanted, line);
  const empty = { size: wanted.size, shape: wanted.shape, line };
  const series = new Map<string, Series>();
  for (const contender of contenders) {
    const { name } = contender;
    const notRun = await contender.unavailable(stage.servers.primary.version);
    series.set(name, { contender: name, ...empty, ms: [], sampleOf: null, notRun });
  }
  const ours: Series = { contender: DURABLE, ...empty, ms: [], sampleOf: null, notRun: null };
  const [approvalToEnd, startToGateByEvents]: [number[], number[]] = [[], []];
  let history: HistoryFacts | undefined;
  let processorTime: ProcessorTime = {};
  let walPerSequence = 0;
  let walPerSequenceBare: number | null = null;
  await stage.restartWorker();
  // The first run creates the ledger and opens the connections.
  for (let run = 0; run <= runs; run += 1) {
    buffer += BUFFER_STEP;
    await settle(stage);
    const usedBefore = stage.processorTime();
    const walBefore = await walPosition(databases.direct.standbyUrl);
    const { workflowId, startToGate } = await runToGate(stage.client, databases, buffer);
    walPerSequence = ((await walPosition(databases.direct.standbyUrl)) - walBefore) / wanted.size;
    processorTime = since(usedBefore, stage.processorTime());
    const ending = await approve(stage.client, workflowId);
    history = await readHistories(stage.client, workflowId);
    tell(
      `${DURABLE} ${Math.round(startToGate)} ms, approval to end ${Math.round(ending)} ms${run === 0 ? ' (to warm up)' : ''}`,
    );
    if (run === 0) continue;
    ours.ms.push(startToGate);
    approvalToEnd.push(ending);
    startToGateByEvents.push((history.gateAt ?? NaN) - history.startedAt);
    for (const contender of contenders) {
      const one = series.get(contender.name);
      if (one?.notRun !== null) continue;
      buffer += BUFFER_STEP;
      await settle(stage);
      const limit = contender.sampleAtMost?.(databases) ?? Infinity;
      const before = await walPosition(databases.direct.standbyUrl);
      try {
        const ms = await contender.run(databases, buffer, limit);
        if (limit < wanted.size) one.sampleOf = limit;
        one.ms.push(limit < wanted.size ? (ms / limit) * wanted.size : ms);
      } catch (error) {
        one.notRun = `it failed: ${firstLine(error)}`;
        one.ms = [];
      }
      if (contender.name === 'bare SQL') {
        walPerSequenceBare = ((await walPosition(databases.direct.standbyUrl)) - before) / wanted.size;
      }
      tell(`${contender.name} ${one.notRun ?? `${Math.round(one.ms.at(-1) ?? 0)} ms`}`);
    }
  }
  if (history === undefined) throw new Error('nothing was measured');
  return {
    series: [ours, ...series.values()],
    durable: {
      ...empty,
      ...{ approvalToEnd, startToGateByEvents, history, processorTime, walPerSequence, walPerSequenceBare },
      peakMemory: stage.worker().peakMemory(),
    },
  };
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
