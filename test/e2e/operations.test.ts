import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../src/local/free-port.js';
import { startTemporal } from '../../src/local/temporal-server.js';
import { until } from '../../src/local/until.js';
import { exposedMetrics, unknownNames } from './stage/exposed-metrics.js';
import { commandWith } from './stage/command.js';
import { OtlpReceiver } from './stage/otlp-receiver.js';
import { json } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import type { WorkerProcess } from '../../src/local/worker-process.js';
import { startWorker } from './stage/worker-process.js';
import { completed, failed, type HistoryEvent } from './stage/workflow-run.js';
import { holdAdvisoryLocks } from './faults/hold.js';

/** Lines of a log in JSON. */
function entries(log: string): Record<string, unknown>[] {
  return log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const deploy = (file: string) => readFileSync(join(import.meta.dirname, '../../deploy', file), 'utf8');

/** Every query of the Grafana dashboard, those of its variables included. */
function dashboardQueries() {
  const { panels, templating } = JSON.parse(deploy('grafana-dashboard.json')) as {
    panels: { targets: { expr: string; legendFormat: string }[] }[];
    templating: { list: { definition?: string }[] };
  };
  const variables = templating.list.flatMap(({ definition }) => {
    if (definition === undefined) return [];
    const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
    return [{ expr: metric, shown: `{{${label}}}` }];
  });
  const targets = panels.flatMap((panel) => panel.targets);
  expect(targets.length).toBeGreaterThan(10);
  expect(variables).toHaveLength(2);
  return [...variables, ...targets.map(({ expr, legendFormat }) => ({ expr, shown: legendFormat }))];
}

/** Every rule of the alerts for Prometheus. */
function alertQueries() {
  const { groups } = parse(deploy('prometheus-rules.yml')) as {
    groups: { rules: { expr: string; annotations: Record<string, string> }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(4);
  return rules.map(({ expr, annotations }) => ({ expr, shown: Object.values(annotations).join(' ') }));
}

// Nothing listens at port 1: that a database is down makes no worker unready.
const nowhere = {
  PRIMARY_URL: 'postgresql://app@127.0.0.1:1/a',
  STANDBY_URL: 'postgresql://app@127.0.0.1:1/b',
};

describe('the health endpoint', () => {
  it('tells a worker that polls from one without Temporal, and one that is alive from none', async () => {
    const port = await freePort();
    const temporal = await startTemporal();
    onTestFinished(() => temporal.stop());
    const ask = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return [response.status, await response.json()] as const;
    };
    const readyAs = (status: number) =>
      until(
        async () => {
          const [answered, body] = await ask('/readyz');
          return answered === status && body;
        },
        { what: `the worker to answer ${status}` },
      );

    const worker = await startWorker({
      ...nowhere,
      TEMPORAL_ADDRESS: temporal.address,
      HEALTH_PORT: String(port),
      SHUTDOWN_GRACE: '1 second',
    });
    onTestFinished(() => worker.stop());
    expect(await readyAs(200)).toEqual({ ready: true, worker: 'RUNNING', temporal: true });
    expect(await ask('/livez')).toEqual([200, { live: true }]);
    expect((await ask('/other'))[0]).toBe(404);

    await temporal.kill();
    expect(await readyAs(503)).toEqual({ ready: false, worker: 'RUNNING', temporal: false });
    expect(await ask('/livez')).toEqual([200, { live: true }]);

    await temporal.start();
    await readyAs(200);
    await worker.stop();
    await expect(ask('/livez')).rejects.toThrow('fetch failed');
  });

  it('answers while the worker waits for a Temporal server at its start', async () => {
    const [port, absent] = [await freePort(), await freePort()];
    const starting = startWorker({
      ...nowhere,
      TEMPORAL_ADDRESS: `127.0.0.1:${absent}`,
      HEALTH_PORT: String(port),
    });
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    await until(
      () =>
        get('/livez').then(
          (status) => status === 200,
          () => false,
        ),
      {
        what: 'the worker to be alive',
      },
    );
    expect(await get('/readyz')).toBe(503);
    const temporal = await startTemporal({ port: absent });
    onTestFinished(() => temporal.stop());
    const worker = await starting;
    await until(async () => (await get('/readyz')) === 200, {
      what: 'the worker to be ready',
    });
    await worker.stop();
  });
});

it('names a port of its own that is taken', async () => {
  const temporal = await startTemporal();
  onTestFinished(() => temporal.stop());
  const taken = temporal.address.split(':')[1] ?? '';
  for (const name of ['HEALTH_PORT', 'METRICS_PORT']) {
    const settings = { ...nowhere, TEMPORAL_ADDRESS: temporal.address, [name]: taken };
    await expect(startWorker(settings)).rejects.toThrow(/The worker ended at its start:\n[^]*in use/i);
  }
});

describe('on a stage', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start();
  });
  afterAll(async () => {
    await stage.stop();
  });

  it('counts what runs do, next to the metrics of the SDK', async () => {
    const port = await freePort();
    await stage.restartWorker({ METRICS_PORT: String(port) });
    const pair = await stage.pair('CREATE SEQUENCE a; CREATE SEQUENCE b; CREATE SEQUENCE "audit log"');
    const input = { pair: pair.name, exclude: ['public.audit log'], buffer: { calls: '700' } };
    await completed(await stage.start({ ...input, mode: 'sync' }));
    const run = await stage.start(input);
    await run.atGate();
    await run.signal('reject', ...json({ by: 'alice', reason: 'not today' }));
    await failed(run);
    await failed(await stage.start({ pair: 'whatever a client says' }));

    // A workflow's metrics are handed on after its task is done.
    const text = await until(
      async () => {
        const scraped = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        return scraped.includes('outcome="InvalidInput"') && scraped;
      },
      { what: 'the last run to be counted' },
    );
    /** The values of a metric, by those of its labels that are named. */
    const values = (name: string, ...labels: string[]) =>
      Object.fromEntries(
        [...text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'))].map(([, all = '', value]) => [
          labels.map((label) => new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(all)?.[1]).join(' '),
          Number(value),
        ]),
      );
    const one = pair.name;
    expect(values('sequence_failover_sequences_total', 'pair', 'mode', 'outcome')).toEqual({
      [`${one} sync applied`]: 2,
      [`${one} sync kept`]: 0,
      [`${one} sync skipped`]: 1,
      [`${one} sync failed`]: 0,
      [`${one} failover applied`]: 0,
      [`${one} failover kept`]: 2,
      [`${one} failover skipped`]: 1,
      [`${one} failover failed`]: 0,
    });
    expect(values('sequence_failover_runs_total', 'pair', 'mode', 'outcome')).toEqual({
      [`${one} sync synchronized`]: 1,
      [`${one} failover Rejected`]: 1,
      'unknown failover InvalidInput': 1,
    });
    expect(values('sequence_failover_minimum_headroom_calls', 'pair')).toEqual({ [one]: 700 });
    const [readAt] = Object.values(values('sequence_failover_headroom_read_timestamp_seconds', 'pair'));
    expect(Math.abs(Date.now() / 1000 - (readAt ?? 0))).toBeLessThan(600);
    const phases = ['checking', 'synchronizing', 'verifying', 'recording'];
    expect(values('sequence_failover_phase_duration_seconds_count', 'mode', 'phase')).toEqual({
      ...Object.fromEntries(
        phases.flatMap((phase) => [
          [`sync ${phase}`, 1],
          [`failover ${phase}`, 1],
        ]),
      ),
      'failover awaiting-approval': 1,
    });
    expect(text).toContain('sequence_failover_phase_duration_seconds_bucket');
    expect(text).toContain('le="604800"');
    // The SDK's own.
    expect(text).toMatch(/^temporal_activity_execution_latency_count\{.*activity_type="applyTargets"/m);
    expect(text).not.toContain('whatever a client says');

    const exposed = exposedMetrics(text);
    expect(dashboardQueries().flatMap((query) => unknownNames(query, exposed))).toEqual([]);
    expect(alertQueries().flatMap((query) => unknownNames(query, exposed))).toEqual([]);
    // The check itself: a name, and a label, that no worker has.
    const wrong = { expr: 'sum by (pear) (sequence_failover_ruins_total)', shown: '' };
    expect(unknownNames(wrong, exposed)).toHaveLength(2);
  });

  it('logs with the workflow and the pair what runs and activities do', async () => {
    await stage.restartWorker();
    const pair = await stage.pair('CREATE SEQUENCE a');
    const run = await stage.start({ pair: pair.name, mode: 'sync' });
    await completed(run);
    // A workflow's lines are written after its task is done.
    const told = (msg: string) => entries(stage.workerLog()).filter((entry) => entry['msg'] === msg);
    await until(() => told('the run has ended').length > 0, {
      what: 'the end to be logged',
    });
    const common = { level: 'info', workflowId: run.workflowId, pair: pair.name };
    expect(told('the run has entered a phase')).toMatchObject(
      ['checking', 'synchronizing', 'verifying', 'recording', 'done'].map((phase) => ({ ...common, phase })),
    );
    expect(told('the run has ended')).toMatchObject([{ ...common, outcome: 'synchronized' }]);
  });

  describe('with OpenTelemetry', () => {
    /** A trace of the pipeline that calls the command. */
    const trace = '5b8aa5a2d2c872e8321cf37308d69df2';
    const pipeline = '051581bf3cb55c13';
    let receiver: OtlpReceiver;
    beforeEach(async () => {
      receiver = await OtlpReceiver.start();
    });
    afterEach(async () => {
      await receiver.stop();
    });
    const withTracing = (settings: Record<string, string> = {}) =>
      commandWith(() => ({ ...stage.workerSettings, ...receiver.settings, ...settings })).command;

    it('exports the pipeline, the command, the workflow and its steps as one trace', async () => {
      await stage.restartWorker({ ...receiver.settings, OTEL_SERVICE_NAME: 'failover-worker' });
      const pair = await stage.pair('CREATE SEQUENCE customer_invoices');
      const sequenceFailover = withTracing({ TRACEPARENT: `00-${trace}-${pipeline}-01` });
      const input = JSON.stringify({ pair: pair.name });
      const started = await sequenceFailover('start', '--input', input, '--workflow-id', 'traced');
      expect(started).toMatchObject({ code: 0 });
      expect(await sequenceFailover('approve', 'traced', '--by', 'alice', '--yes')).toMatchObject({
        code: 0,
      });

      const parentOf = (spanId: string | undefined) => receiver.spans.find((span) => span.spanId === spanId);
      const run = await receiver.span('RunWorkflow:sequenceFailover', (span) => span.traceId === trace);
      const client = parentOf(run.parentSpanId);
      expect(client).toMatchObject({ name: 'StartWorkflow:sequenceFailover', service: 'sequence-failover' });
      expect(parentOf(client?.parentSpanId)).toMatchObject({
        ...{ name: 'sequence-failover start', parentSpanId: pipeline },
      });
      expect(run).toMatchObject({
        service: 'failover-worker',
        attributes: { temporalWorkflowId: 'traced', run_id: expect.any(String) as string },
        status: { code: 1 },
      });
      const applied = await receiver.span('RunActivity:applyTargets');
      const scheduled = parentOf(applied.parentSpanId);
      expect(scheduled).toMatchObject({ name: 'StartActivity:applyTargets', parentSpanId: run.spanId });
      const handled = await receiver.span('HandleUpdate:decide');
      expect(parentOf(handled.parentSpanId)).toMatchObject({ name: 'StartWorkflowUpdate:decide' });
      // The lock of the pair is no part of one run.
      const others = receiver.spans.filter(({ traceId }) => traceId !== trace).map(({ name }) => name);
      expect(others.filter((name) => name !== 'RunWorkflow:pairLock')).toEqual([]);
      const all = receiver.spans.map(({ name }) => name);
      expect(all.filter((name) => /Query|Describe/.test(name))).toEqual([]);
      expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).toBe(all.length);

      const untraced = await stage.start({ pair: pair.name, mode: 'verify' });
      const own = await receiver.span(
        'RunWorkflow:sequenceFailover',
        (span) => span.attributes['temporalWorkflowId'] === untraced.workflowId,
      );
      // A run without a trace begins one, by the ID of its first run.
      const [first = ''] = await untraced.runs();
      expect(own).toMatchObject({ traceId: first.replaceAll('-', '') });
      expect(own.parentSpanId).toBeUndefined();
    });

    it('exports neither messages of failures nor what a client puts into headers', async () => {
      await stage.restartWorker({
        ...receiver.settings,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=planted-token',
      });
      const pair = await stage.pair('CREATE SEQUENCE customer_invoices; CREATE TABLE told_nobody (id int)');
      await pair.standby.sql('ALTER SEQUENCE customer_invoices RENAME TO other_invoices');
      const run = await stage.start({ pair: pair.name, mode: 'verify', ticket: 'CHG-confidential' });
      await failed(run);
      const span = await receiver.span('RunWorkflow:sequenceFailover');
      expect(span).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'NotAhead' } });
      expect(span.status.message ?? '').toBe('');
      const unreadable = await stage.start(
        { pair: pair.name, mode: 'sync' },
        { flags: ['--headers', '_tracer-data="no context"'] },
      );
      await failed(unreadable);
      await receiver.span(
        'RunWorkflow:sequenceFailover',
        (one) => one.attributes['temporalWorkflowId'] === unreadable.workflowId,
      );
      for (const told of ['invoices', 'CHG-confidential', 'postgresql']) {
        expect(receiver.received).not.toContain(told);
      }
      expect(receiver.headers.at(-1)?.authorization).toBe('planted-token');
      expect(stage.workerLog()).not.toContain('planted-token');
    });

    it('does its work without a collector that answers, and says so once', async () => {
      receiver.status = null;
      await stage.restartWorker({ ...receiver.settings, OTEL_EXPORTER_OTLP_TIMEOUT: '200' });
      const pair = await stage.pair('CREATE SEQUENCE a');
      const input = JSON.stringify({ pair: pair.name, mode: 'sync' });
      // The command would wait a minute for the collector.
      const patient = withTracing({ OTEL_EXPORTER_OTLP_TIMEOUT: '60000' });
      const answer = await patient('start', '--input', input, '--workflow-id', 'unheard');
      expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining('synchronized') as string });
      const told = () => entries(stage.workerLog()).filter(({ msg }) => /^spans cannot/.test(String(msg)));
      await until(() => told().length > 0, { what: 'the worker to tell it' });
      await completed(await stage.start({ pair: pair.name, mode: 'sync' }));
      expect(told()).toHaveLength(1);
    });

    it('exports protobuf by default, and nothing with settings that it cannot use', async () => {
      const byDefault = withTracing({ OTEL_EXPORTER_OTLP_PROTOCOL: '' });
      const listed = await byDefault('list');
      expect(listed.code).toBe(0);
      expect(listed.stderr).not.toContain('not exported');
      expect(receiver.headers).toMatchObject([{ 'content-type': 'application/x-protobuf' }]);
      expect(receiver.received).toContain('sequence-failover list');
      const unusable = await withTracing({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })('list');
      expect(unusable.code).toBe(0);
      expect(unusable.stderr).toMatch(/^Spans are not exported: OTEL_EXPORTER_OTLP_PROTOCOL: expected http/);
      expect(receiver.headers).toHaveLength(1);
    });
  });

  it('lets a running activity finish within the grace time, and starts no other', async () => {
    const pair = await stage.pair('CREATE SEQUENCE a; CREATE SEQUENCE b');
    await stage.stopWorker();
    const first: WorkerProcess = await startWorker({ ...stage.workerSettings, SHUTDOWN_GRACE: '20 seconds' });
    onTestFinished(() => first.stop());
    const turn = await holdAdvisoryLocks(pair.standbyUrl);
    const run = await stage.start({ pair: pair.name, mode: 'sync' });
    const waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await until(async () => (await pair.standby.sql(waiting)).length === 2, {
      what: 'both setvals to wait for their turn',
    });
    const stopped = first.stop();
    await until(() => first.logged().includes('"state":"DRAINING"'), {
      what: 'the shutdown to begin',
    });
    await turn.commit();
    await stopped;
    expect(entries(first.logged()).at(-1)).toMatchObject({ level: 'info', msg: 'the worker has stopped' });
    expect(await pair.standby.position('a')).toEqual(['10000', true]);

    // Nothing was lost to a time-out, and the next step waits for the next worker.
    const { events } = await run.history();
    const types = events.map(({ eventType }) => eventType);
    expect(types.filter((type) => /TIMED_OUT|FAILED/.test(type))).toEqual([]);
    expect(activityOf(events, 'verifyStandby')).toEqual([]);
    await stage.restartWorker();
    expect(await completed(run)).toMatchObject({ outcome: 'synchronized', counts: { applied: 2 } });
    const applied = activityOf((await run.history()).events, 'applyTargets');
    expect(applied.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});

/** Those steps of a type that have come to an end, with the attempt that did. */
function activityOf(events: readonly HistoryEvent[], type: string): { attempt: number }[] {
  interface Attributes {
    activityType?: { name: string };
    attempt?: number;
    scheduledEventId?: string;
  }
  const attributes = (event: HistoryEvent, key: string) => event[key] as Attributes | undefined;
  const scheduled = events
    .filter((event) => attributes(event, 'activityTaskScheduledEventAttributes')?.activityType?.name === type)
    .map(({ eventId }) => eventId);
  return events.flatMap((event) => {
    const started = attributes(event, 'activityTaskStartedEventAttributes');
    if (started?.scheduledEventId === undefined || !scheduled.includes(started.scheduledEventId)) return [];
    return [{ attempt: started.attempt ?? 0 }];
  });
}
