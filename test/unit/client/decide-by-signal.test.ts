import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { FailoverRun, UnansweredError } from '../../../src/client/failover-run.js';
import type { Status } from '../../../src/contract/status.js';
import { atGate, openGate } from '../terminal/statuses.js';

/** A run whose worker is away for some questions. */
class WithWorkerAway extends FailoverRun {
  readonly did: string[] = [];

  constructor(private readonly answers: (Status | Error)[]) {
    super(
      { workflow: { getHandle: () => ({ signal: () => this.did.push('signal') }) } } as unknown as Client,
      'a',
    );
  }

  override async status(): Promise<Status> {
    await Promise.resolve();
    const answer = this.answers.shift();
    if (answer === undefined) throw new Error('asked once too often');
    this.did.push(answer instanceof Error ? 'no answer' : 'answer');
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

const away = () => new UnansweredError('a', null);
const approve = { decision: 'approve', by: 'alice' } as const;

it('waits for a worker before it decides by a signal, and afterwards, as an update does', async () => {
  const approved = atGate({ gate: { ...openGate, required: 2 } });
  const run = new WithWorkerAway([away(), atGate(), away(), away(), approved]);
  expect(await run.decide(approve, { signal: true })).toMatchObject({ state: 'open', required: 2 });
  expect(run.did).toEqual(['no answer', 'answer', 'signal', 'no answer', 'no answer', 'answer']);
});

it('sends nothing if the question fails in another way', async () => {
  const run = new WithWorkerAway([new Error('no such workflow')]);
  await expect(run.decide(approve, { signal: true })).rejects.toThrow('no such workflow');
  expect(run.did).toEqual(['no answer']);
});
