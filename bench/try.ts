import { startStage } from './stage.js';
import { bareSql } from './contenders/bare-sql.js';
import { approve, runToGate } from './contenders/durable-run.js';
import { readHistories } from './history.js';
import { since } from './processor-time.js';
import { withClient } from './databases.js';

const sizes = (process.env['SIZES'] ?? '10000').split(',').map(Number);
const shape = (process.env['SHAPE'] ?? 'sequences') as 'sequences' | 'tables';
const line = (process.env['LINE'] ?? 'loopback') as 'loopback' | '20 ms';
const runs = Number(process.env['RUNS'] ?? 3);
const stage = await startStage(
  sizes.map((size) => ({ size, shape })),
  JSON.parse(process.env['SETTINGS'] ?? '{}'),
);
if (process.env['PROF']) await stage.restartWorker(['--cpu-prof', '--cpu-prof-dir=/tmp/perf/prof']);
try {
  for (const size of sizes) {
    const t = performance.now();
    const databases = await stage.reach({ size, shape }, line);
    console.log(size, 'made in', Math.round(performance.now() - t));
    let buffer = 10_000;
    for (let i = 0; i < runs; i++) {
      for (const url of [databases.direct.primaryUrl, databases.direct.standbyUrl])
        await withClient(url, (c) => c.query('CHECKPOINT'));
      buffer += 10_000;
      const before = stage.processorTime();
      const bare = process.env['NOBARE']
        ? { ms: 0 }
        : await { ms: await bareSql.run(databases, buffer, Infinity) };
      const bareUsed = since(before, stage.processorTime());
      console.log('  bare cpu', JSON.stringify(bareUsed));
      buffer += 10_000;
      const cpu = stage.processorTime();
      const th = threads(stage.worker().pid);
      const run = await runToGate(stage.client, databases, buffer);
      const used = since(cpu, stage.processorTime());
      const th2 = threads(stage.worker().pid);
      console.log(
        '  threads',
        Object.entries(th2)
          .map(([k, v]) => [k, +(v - (th[k] ?? 0)).toFixed(2)] as const)
          .filter(([, v]) => v > 0.03)
          .map(([k, v]) => `${k}=${v}`)
          .join(' '),
      );
      let end = 0;
      end = await approve(stage.client, run.workflowId);
      const facts = await readHistories(stage.client, run.workflowId);
      console.log(
        `bare ${bare.ms.toFixed(0)} run ${run.startToGate.toFixed(0)} (hist ${((facts.gateAt ?? 0) - facts.startedAt).toFixed(0)}) ratio ${(run.startToGate / bare.ms).toFixed(2)} approve ${end.toFixed(0)} cpu ${Object.entries(
          used,
        )
          .map(([k, v]) => k + ' ' + v.toFixed(2))
          .join(' ')} mem ${((stage.worker().peakMemory() ?? 0) / 2 ** 20).toFixed(0)} MiB`,
      );
      if (i === runs - 1) {
        console.table(
          facts.steps.map((s) => ({
            ...s,
            total: Math.round(s.total),
            waited: Math.round(s.waited),
            wall: Math.round(s.wall),
          })),
        );
        const { steps: _, ...rest } = facts;
        console.log(rest);
      }
    }
  }
} finally {
  await stage.stop();
}

import { readdirSync, readFileSync } from 'node:fs';
function threads(pid: number): Record<string, number> {
  const out: Record<string, number> = {};
  for (const t of readdirSync(`/proc/${pid}/task`)) {
    try {
      const s = readFileSync(`/proc/${pid}/task/${t}/stat`, 'utf8');
      const f = s.slice(s.lastIndexOf(')') + 2).split(' ');
      out[`${s.slice(s.indexOf('(') + 1, s.lastIndexOf(')'))}/${t}`] = (Number(f[11]) + Number(f[12])) / 100;
    } catch {
      /* gone */
    }
  }
  return out;
}
