import { expect, it } from 'vitest';
import { historyFromJson, historyToJson } from '../../../src/record/history-json.js';
import { messagesOf } from '../../../src/record/messages.js';

const payloads = (value: unknown) => ({
  payloads: [
    {
      metadata: { encoding: Buffer.from('json/plain').toString('base64') },
      data: Buffer.from(JSON.stringify(value)).toString('base64'),
    },
  ],
});

const signal = (eventId: string, argument: unknown, more: object = {}, principal?: object) => ({
  eventId,
  eventTime: '2026-11-27T02:00:00Z',
  eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
  ...(principal === undefined ? {} : { principal }),
  workflowExecutionSignaledEventAttributes: {
    ...{ signalName: 'approve', input: payloads(argument), identity: '1@laptop', ...more },
  },
});

/** Through the SDK's own protobuf types, as a history from a server is. */
const history = (...events: object[]) => {
  const { events: read } = historyToJson(historyFromJson({ events }));
  return [{ workflowId: 'run', runId: 'r', events: read }];
};

it('shows the identity of the client, and the principal beside the name that the message gives', () => {
  const messages = messagesOf(
    history(
      signal('5', { by: 'Alice' }, {}, { type: 'jwt', name: 'alice@ops.example' }),
      signal('6', { by: 'alice' }, {}, { type: 'jwt', name: 'mallory' }),
      signal('7', { by: 'alice' }),
      signal(
        '8',
        { by: 'alice' },
        { externalWorkflowExecution: { workflowId: 'fleet', runId: 'f' } },
        { type: 'jwt', name: 'worker' },
      ),
      signal('9', 'no object', { identity: '' }, { type: 'jwt', name: 'mallory' }),
    ),
  );
  expect(
    messages.map(({ by, identity, principal, isByAnother }) => [by, identity, principal?.name, isByAnother]),
  ).toEqual([
    ['Alice', '1@laptop', 'alice@ops.example', false],
    ['alice', '1@laptop', 'mallory', true],
    ['alice', '1@laptop', undefined, null],
    ['alice', '1@laptop', 'worker', null],
    [null, null, 'mallory', null],
  ]);
  expect(messages[3]?.sender).toMatchObject({ workflowId: 'fleet' });
});

// The principals are those that a Temporal server 1.32.0 with its JWT claim mapper and its default authorizer wrote.
it('reads an update as it was accepted, without the principal, which is that of the worker', () => {
  const [approved, decided] = messagesOf(
    history(signal('52', { by: 'alice' }, {}, { type: 'jwt', name: 'alice' }), {
      ...{ eventId: '59', eventTime: '2026-11-27T02:00:00Z' },
      principal: { type: 'jwt', name: 'the-worker' },
      eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
      workflowExecutionUpdateAcceptedEventAttributes: {
        acceptedRequest: {
          meta: { updateId: 'u', identity: '2@build' },
          input: { name: 'decide', args: payloads({ decision: 'approve', by: 'bob' }) },
        },
      },
    }),
  );
  expect(approved).toMatchObject({ principal: { type: 'jwt', name: 'alice' }, isByAnother: false });
  expect(decided).toMatchObject({
    ...{ via: 'update', name: 'decide', by: 'bob', identity: '2@build', isByAnother: null },
    ...{ principal: null, argument: { decision: 'approve', by: 'bob' } },
  });
});
