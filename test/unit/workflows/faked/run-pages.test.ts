import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Undecodable } from '../../../../src/contract/parsing/undecodable.js';
import type { PageRange } from '../../../../src/steps/identity.js';
import { packOutcomes } from '../../../../src/planning/rows/outcomes.js';
import { runPages } from '../../../../workflows/failover/run-pages.js';
import type { Run } from '../../../../workflows/failover/run.js';
import type { PageReport, PageTask } from '../../../../workflows/pages/page-task.js';
import { asWorkflow, reset, temporal } from './fake-temporal.js';
import { ready } from './promotion-example.js';
import { AT, runOf } from './run-example.js';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  ...(await import('./fake-temporal.js')).fakeTemporal,
}));

beforeEach(() => {
  reset();
  temporal.info.firstExecutionRunId = '11111111-2222-3333-4444-555555555555';
});

const report = (more: Partial<PageReport> = {}): PageReport => ({
  ...{
    counts: { total: 1, applied: 1, kept: 0, skipped: 0, failed: 0 },
    findings: [],
    minimumHeadroom: null,
  },
  ...{ watched: [], measured: null, verifiedAt: AT, primaryReadAt: AT, ledgerUnavailable: null },
  ...more,
});

/** Ranges of one schema, one after the other. */
const rangesOf = (count: number): PageRange[] =>
  Array.from({ length: count }, (_, at) => ({
    after: at === 0 ? null : ['public', `s${at}`],
    upTo: at === count - 1 ? null : ['public', `s${at + 1}`],
  }));
const pageId = (page: number, round = 1) => `workflow/round-${round}/page-${page}`;

/** The workflows of the pages: what each has for a result, and who was told to go on. */
function pages(results: (workflowId: string) => Promise<PageReport>) {
  const told: string[] = [];
  temporal.startChild = (_, { workflowId }) => ({
    ...{ firstExecutionRunId: 'r', workflowId },
    signal: (name: unknown) => {
      told.push(`${(name as { name: string }).name} ${workflowId}`);
      return Promise.resolve();
    },
    result: () => results(workflowId),
  });
  return told;
}

const inRound = (run: Run, count: number) => {
  run.beginRound();
  return asWorkflow(() => runPages(run, rangesOf(count)));
};
const tasks = () => temporal.children.map(({ args: [task] }) => task as PageTask);

describe('a pair of several pages', () => {
  it('has a workflow for each page, and one report of each', async () => {
    const run = runOf();
    const progress: unknown[] = [];
    pages((id) => {
      progress.push(run.status().pages);
      return Promise.resolve(
        report({ digest: `digest of ${id}`, outcomes: packOutcomes([{ oid: 1, outcome: 'kept' }]) }),
      );
    });
    const { reports, statements } = await inRound(run, 2);
    expect(reports.map(({ digest }) => digest)).toEqual([1, 2].map((page) => `digest of ${pageId(page)}`));
    expect(statements).toEqual([]);
    expect(temporal.children).toMatchObject([
      { type: 'synchronizePage', workflowId: pageId(1), parentClosePolicy: 'REQUEST_CANCEL' },
      { type: 'synchronizePage', workflowId: pageId(2), parentClosePolicy: 'REQUEST_CANCEL' },
    ]);
    const [first] = tasks();
    expect(first).toMatchObject({
      ...{
        identity: ready.identity,
        mode: 'failover',
        primaryMaxConnections: 100,
        individually: true,
        round: 1,
      },
      ...{ range: { after: null, upTo: ['public', 's1'] }, policy: { buffer: { calls: '100' } } },
      run: { workflowId: 'workflow', runId: temporal.info.firstExecutionRunId },
    });
    for (const key of ['primary', 'earlier', 'previousDigests']) expect(first).not.toHaveProperty(key);
    expect(progress).toEqual([
      { total: 2, done: 0 },
      { total: 2, done: 0 },
    ]);
    expect(run.recorded.progress).toBeNull();
    expect(run.recorded.pages).toEqual([
      { workflowId: pageId(1), from: null, to: 'public.s1' },
      { workflowId: pageId(2), from: 'public.s1', to: null },
    ]);
    expect(run.recorded.chained).toEqual({
      previousDigests: [1, 2].map((page) => `digest of ${pageId(page)}`),
    });
  });

  it('tells each page of a later round what its sequences were in earlier rounds', async () => {
    const run = runOf();
    const packed = (oid: number) => packOutcomes([{ oid, outcome: 'applied' }]);
    pages((id) => Promise.resolve(report({ outcomes: packed(id.endsWith('page-1') ? 1 : 2) })));
    await inRound(run, 2);
    temporal.children.length = 0;
    await inRound(run, 2);
    expect(tasks().map(({ earlier }) => earlier)).toEqual([
      [packed(1), ''],
      [packed(2), ''],
    ]);
    // The pair was divided anew.
    temporal.children.length = 0;
    await inRound(run, 3);
    const both = [packed(1), packed(2), ''];
    expect(tasks().map(({ earlier }) => earlier)).toEqual([[packed(1), ''], both, both]);
  });

  it('gives a page another ID while a page of a terminated run still has its own', async () => {
    const run = runOf();
    pages(() => Promise.resolve(report()));
    const { startChild } = temporal;
    const shown: string[][] = [];
    temporal.startChild = (type, options) => {
      shown.push(run.recorded.pages.map(({ workflowId }) => workflowId));
      if (options.workflowId === pageId(2))
        throw new WorkflowExecutionAlreadyStartedError('started', options.workflowId, type);
      return startChild(type, options);
    };
    await inRound(run, 2);
    const other = 'workflow/555555555555/round-1/page-2';
    expect(temporal.children.map(({ workflowId }) => workflowId)).toEqual([pageId(1), pageId(2), other]);
    expect(run.recorded.pages.map(({ workflowId }) => workflowId)).toEqual([pageId(1), other]);
    expect(shown.at(-1)).toEqual([pageId(1), other]);
  });

  it('leaves a report that this worker cannot decode to another worker', async () => {
    pages((id) => Promise.resolve(id === pageId(2) ? (new Undecodable('x', 'no key') as never) : report()));
    await expect(inRound(runOf(), 2)).rejects.toThrow(/the report of a page cannot be decoded/u);
  });

  it('fails if a page cannot be started, or fails', async () => {
    pages(() => Promise.reject(new Error('a page has failed')));
    const run = runOf();
    await expect(inRound(run, 2)).rejects.toThrow('a page has failed');
    expect(run.recorded.progress).toBeNull();
    temporal.startChild = () => {
      throw new Error('it cannot be started');
    };
    await expect(inRound(runOf(), 2)).rejects.toThrow('it cannot be started');
  });

  it('says in the mode plan where the statements are', async () => {
    pages(() => Promise.resolve(report()));
    const { statements } = await inRound(runOf({ mode: 'plan' }), 2);
    expect(statements[0]).toMatch(/^DO \$\$ BEGIN RAISE EXCEPTION/u);
    expect(statements.slice(1)).toEqual(
      [1, 2].map((page) => expect.stringContaining(`--workflow-id ${pageId(page)} `) as string),
    );
  });
});

describe('a pair of several pages with a measured buffer', () => {
  const measured = () => {
    const run = runOf();
    const buffer = {
      measure: { sampleFor: '10 minutes' },
      maxFailoverSeconds: 600,
      safetyFactor: 2,
      minimum: '1',
    };
    run.ready({ ...ready, buffer });
    return run;
  };

  it('starts all pages at once, and then lets three of them work', async () => {
    const waiting: (() => void)[] = [];
    const told = pages(
      () =>
        new Promise((resolve) =>
          waiting.push(() => {
            resolve(report());
          }),
        ),
    );
    const ended = inRound(measured(), 5);
    await expect.poll(() => told).toEqual([1, 2, 3].map((page) => `proceed ${pageId(page)}`));
    expect(temporal.children).toHaveLength(5);
    for (let done = 0; done < 5; done += 1) {
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      expect(told).toHaveLength(Math.min(3 + done, 5));
      waiting.shift()?.();
      await expect.poll(() => told).toHaveLength(Math.min(4 + done, 5));
    }
    expect((await ended).reports).toHaveLength(5);
    expect(temporal.cancelled).toEqual([]);
  });

  it('cancels the others when a page fails, and waits for them', async () => {
    let failed = 0;
    pages((id) => {
      if (id === pageId(2)) return Promise.reject(new Error('page 2 has failed'));
      return new Promise((_, reject) => {
        const cancelled = setInterval(() => {
          if (!temporal.cancelled.includes(id)) return;
          clearInterval(cancelled);
          failed += 1;
          reject(new Error(`${id} was cancelled`));
        });
      });
    });
    await expect(inRound(measured(), 5)).rejects.toThrow('page 2 has failed');
    expect([...new Set(temporal.cancelled)].sort()).toEqual([1, 3, 4, 5].map((page) => pageId(page)));
    expect(failed).toBeGreaterThanOrEqual(4);
  });

  it('cancels those that have started if another cannot be started', async () => {
    pages(() => Promise.resolve(report()));
    const { startChild } = temporal;
    temporal.startChild = (type, options) => {
      if (options.workflowId === pageId(3)) throw new Error('it cannot be started');
      return startChild(type, options);
    };
    await expect(inRound(measured(), 3)).rejects.toThrow('it cannot be started');
    expect(temporal.cancelled.sort()).toEqual([pageId(1), pageId(2)]);
  });
});

describe('a pair of one page', () => {
  const fakePage = (applied: () => object) => {
    temporal.activities['fetchPrimarySequences'] = () => ({
      sequences: { count: 0, same: {}, columns: [], rows: [] },
      readAt: AT,
    });
    temporal.activities['computeTargets'] = applied;
    temporal.activities['recordBuffer'] = () => ({ recorded: 0, unavailable: null, digest: 'd' });
  };

  it('is worked through by the run itself, which chains its record', async () => {
    fakePage(() => ({ rows: { count: 0, same: {}, columns: [], rows: [] }, findings: [] }));
    const run = runOf();
    const { reports } = await inRound(run, 1);
    expect([reports.length, temporal.children]).toEqual([1, []]);
    expect(run.recorded.chained).toEqual({ previousDigests: ['d'] });
  });

  it('fails with the failure of its step', async () => {
    fakePage(() => {
      throw new Error('the step has failed');
    });
    await expect(inRound(runOf(), 1)).rejects.toThrow('the step has failed');
  });
});
