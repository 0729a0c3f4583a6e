import { describe, expect, it } from 'vitest';
import { parseInput } from '../../../src/contract/input.js';
import { attributesOf, type History } from '../../../src/record/history-json.js';
import { recordedHistories } from '../../replay/recordings.js';
import { decodePayload, type EncodedPayload } from '../../e2e/stage/payloads.js';
import { Run } from '../../../workflows/failover/run.js';
import { MEMORY_VERSION } from '../../../workflows/failover/run-memory.js';
import { upgradeMemory } from '../../../workflows/failover/upgrade-memory.js';

const AT = '2026-01-02T03:04:05.000Z';

/** As JSON carries it. */
const carried = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function without(value: object, ...fields: string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !fields.includes(name)));
}

/** The memory of a run that waits at its gate. */
function waiting(): Run {
  const parsed = parseInput([{ mode: 'failover', handoff: { workflowType: 'promote', taskQueue: 'q' } }]);
  if (!parsed.ok) throw new Error(parsed.message);
  const run = Run.begin(parsed.input, AT);
  run.refuse({ at: '2026-01-02T03:04:06.000Z', kind: 'approve', by: null, reason: 'the gate is closed' });
  run.gate.noteWarnings([{ code: 'CYCLES', sequence: 'public.a', count: 1 }]);
  return run;
}

function passedOn({ events: [first] }: History): { memory: object } {
  const started =
    first && attributesOf<{ input: { payloads: EncodedPayload[] } }>(first, 'workflowExecutionStarted');
  return decodePayload(started?.input?.payloads[1]) as { memory: object };
}

describe('what a run passes on', () => {
  it('of the present version is what it was', () => {
    const { memory } = waiting();
    expect(memory.version).toBe(MEMORY_VERSION);
    expect(carried(upgradeMemory(carried(memory)))).toEqual(carried(memory));
  });

  it('has each field of an input, so that no rule of its approval and no override is lost', () => {
    const parsed = parseInput(
      [
        {
          ...{ pair: 'orders', mode: 'failover', requestedBy: 'carol', ticket: 'CHG-1' },
          ...{ buffer: { calls: '500' }, bufferReason: 'a busy evening' },
          ...{ include: ['public.*'], exclude: ['public.old_*'] },
          overrides: [
            { match: 'public.a', buffer: { calls: '7' } },
            { match: 'public.b', rows: 'ignore' },
          ],
          approval: {
            ...{
              timeout: '2 hours',
              required: 2,
              recheckEvery: '30 seconds',
              replicationTimeout: '2 minutes',
            },
            ...{ from: ['alice', 'bob', '*@ops.example'], requesterMayApprove: false },
            notBefore: '2026-01-02T04:00:00Z',
          },
          handoff: { workflowType: 'promote', taskQueue: 'q', input: { a: 1 } },
          hooks: { beforeHandoff: { workflowType: 'mayWeGo', taskQueue: 'q', input: { a: 1 } } },
        },
      ],
      { now: Date.parse(AT) },
    );
    if (!parsed.ok) throw new Error(parsed.message);
    const { memory } = Run.begin(parsed.input, AT);
    const resumed = Run.resume(upgradeMemory(carried(memory)));
    expect(carried(resumed.memory)).toEqual(carried(memory));
    expect(resumed.input).toEqual(carried(parsed.input));
    expect(resumed.input.approval).toMatchObject({
      ...{ timeoutMs: 7_200_000, recheckEveryMs: 30_000, replicationTimeoutMs: 120_000 },
      notBeforeMs: Date.parse('2026-01-02T04:00:00Z'),
    });
    expect(resumed.approvers.view()).toEqual({ from: ['alice', 'bob', '*@ops.example'], except: 'carol' });
    expect(['alice', 'eve@ops.example'].map((by) => resumed.approvers.barOf(by))).toEqual([null, null]);
    expect(['eve', 'carol'].map((by) => resumed.approvers.barOf(by)?.isStated)).toEqual([true, true]);
    expect(resumed.gate.memory.notBefore).toBe(Date.parse('2026-01-02T04:00:00Z'));
  });

  it('of release 0.1.0, which wrote no version, is all there', () => {
    const recorded = recordedHistories.find(({ id }) => id === '0.1.0/handed-off-after-continue-as-new');
    if (recorded === undefined) throw new Error('there is no such history');
    const { memory } = passedOn(recorded.load());
    expect(memory).not.toHaveProperty('version');
    const upgraded = upgradeMemory(memory);
    expect(carried(upgraded)).toEqual({ ...memory, version: MEMORY_VERSION });
    expect(Run.resume(upgraded).status()).toMatchObject({
      phase: 'awaiting-approval',
      counts: { total: 2, applied: 2 },
      gate: { state: 'open', approvals: [], refusedCount: 0 },
      minimumHeadroom: { sequence: 'public.invoices', calls: '10000' },
    });
  });

  it('of a newer version keeps what is not known here, at every depth', () => {
    const { memory } = waiting();
    const newer = carried({
      ...memory,
      version: MEMORY_VERSION + 1,
      phase: 'fencing',
      announced: ['gate-opened'],
      input: {
        ...memory.input,
        notify: { url: 'x' },
        approval: { ...memory.input?.approval, quorum: 'majority' },
        overrides: [{ match: 'public.*', buffer: { calls: '5' }, pace: 'slow' }],
      },
      gate: { ...memory.gate, approvers: ['alice'] },
      findings: {
        promotion: [
          { severity: 'fatal', code: 'NEW', sequence: null, count: 1, message: 'm', remedy: 'r', link: 'l' },
        ],
      },
      rows: [
        {
          ...{ sequence: 'public.a', primaryNext: '1', standbyBefore: '1', target: '2', standbyNext: '2' },
          ...{ buffer: '1', outcome: 'applied', reason: null, evidence: 'ledger' },
        },
      ],
    }) as Record<string, unknown>;
    const upgraded = upgradeMemory(newer);
    expect(carried(upgraded)).toEqual({
      ...newer,
      version: MEMORY_VERSION,
      findings: {
        promotion: [
          { severity: 'block', code: 'NEW', sequence: null, count: 1, message: 'm', remedy: 'r', link: 'l' },
        ],
      },
    });
    const run = Run.resume(upgraded);
    expect(run.status().findings).toEqual([
      expect.objectContaining({ severity: 'block', code: 'NEW', remedy: 'r; then signal resynchronize' }),
    ]);
    expect(run.recorded.isLost).toBe(false);
  });

  it('has its meaning where an older version did not write a field', () => {
    const { memory } = waiting();
    const old = without(memory, 'version', 'watched', 'measured', 'rows', 'pages', 'handoff', 'findings');
    const gate = without(memory.gate ?? {}, 'known', 'refused', 'refusedCount', 'accepted', 'blocks');
    const input = without(memory.input ?? {}, 'include', 'exclude', 'overrides', 'ticket');
    expect(carried(upgradeMemory(carried({ ...old, gate, input })))).toEqual({
      ...(carried(memory) as object),
      gate: { ...gate, refused: [], refusedCount: 0, accepted: [], blocks: [] },
      handoff: null,
    });
  });

  it('is not shared between two runs that lack it', () => {
    const old = () => {
      return upgradeMemory(without(carried(waiting().memory) as object, 'rows'));
    };
    expect(old().rows).not.toBe(old().rows);
  });

  it.each([
    ['nothing', null],
    ['no memory', {}],
    ['a gate in a state that is not known', { ...waiting().memory, gate: { state: 'paused', required: 1 } }],
    ['rows that are none', { ...waiting().memory, rows: ['public.a'] }],
  ])('waits for a worker that can read it where it is %s', (_, memory) => {
    expect(() => upgradeMemory(carried(memory))).toThrow(
      expect.objectContaining({ name: 'UnreadableMemoryError' }) as Error,
    );
  });
});
