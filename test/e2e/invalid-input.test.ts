import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encoded, file, json, noJson, text } from './stage/payloads.js';
import { Stage } from './stage/stage.js';
import { failed } from './stage/workflow-run.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => {
  await stage.stop();
});

/** What the closing event's message says of it: the field, and what was expected. */
const malformed: Record<string, { input: string[]; message: RegExp }> = {
  'an unknown field': {
    input: json({ pairs: 'default' }),
    message: /pairs: found an unknown field; did you mean pair/,
  },
  'an unknown field further down': {
    input: json({ approval: { timeOut: '1 hour' } }),
    message: /approval\.timeOut: found an unknown field; did you mean timeout/,
  },
  'a field named __proto__': {
    input: text('{"__proto__": {"mode": "plan"}}'),
    message: /__proto__: found an unknown field/,
  },
  'a field named constructor': {
    input: json({ buffer: { constructor: { name: 'x' } } }),
    message: /buffer: .*exactly one form of buffer/,
  },
  'a mode that there is not': {
    input: json({ mode: 'dry-run' }),
    message: /mode: found "dry-run"; expected one of "check"/,
  },
  'null for a field': { input: json({ pair: null }), message: /pair: found null; .* do not send it at all/ },
  'a number for a pair': { input: json({ pair: 7 }), message: /pair: found 7; expected the name of a pair/ },
  'an empty pair': { input: json({ pair: '' }), message: /pair: found ""/ },
  'a connection string for a pair': {
    input: json({ pair: 'postgresql://app:planted-secret@db/app' }),
    message: /pair: found a text that looks like a connection string \(not shown\)/,
  },
  'calls as a number': {
    input: json({ buffer: { calls: 10000 } }),
    message: /buffer\.calls: found 10000; .*in quotes/,
  },
  'calls beyond bigint': {
    input: json({ buffer: { calls: '9223372036854775808' } }),
    message:
      /buffer\.calls: found "9223372036854775808"; expected a decimal string of 0 to 9223372036854775807/,
  },
  'negative calls': { input: json({ buffer: { calls: '-1' } }), message: /buffer\.calls: found "-1"/ },
  'an unknown preset': {
    input: json({ buffer: { preset: 'lo' } }),
    message: /buffer\.preset: found "lo"; expected one of "low", "medium", "high", "time-critical"/,
  },
  'two forms of buffer at once': {
    input: json({ buffer: { preset: 'low', calls: '1' } }),
    message: /buffer: .*exactly one form of buffer/,
  },
  'half a formula': {
    input: json({ buffer: { peakInsertsPerSecond: 500 } }),
    message: /buffer\.maxFailoverSeconds is missing/,
  },
  'a formula beyond bigint': {
    input: json({ buffer: { peakInsertsPerSecond: 1e18, maxFailoverSeconds: 1e18, safetyFactor: 2 } }),
    message: /buffer: .*at most 9223372036854775807/,
  },
  'a bare number for a duration': {
    input: json({ approval: { timeout: 60 } }),
    message: /approval\.timeout: found 60; .*say which unit/,
  },
  'a duration without a unit': {
    input: json({ approval: { timeout: '60' } }),
    message: /approval\.timeout: found "60"/,
  },
  'a duration of nothing': {
    input: json({ approval: { timeout: '0 seconds' } }),
    message: /approval\.timeout/,
  },
  'too short a time between rechecks': {
    input: json({ approval: { recheckEvery: '500 ms' } }),
    message: /approval\.recheckEvery: found "500 ms"; .*from 1 second/,
  },
  'half an approval': {
    input: json({ approval: { required: 1.5 } }),
    message: /approval\.required: found 1\.5; expected a whole number/,
  },
  'no approval at all': {
    input: json({ approval: { required: 0 } }),
    message: /approval\.required: found 0/,
  },
  'a pattern that is no text': { input: json({ include: [7] }), message: /include\[0\]: found 7/ },
  'a pattern that ends in a backslash': {
    input: json({ exclude: ['a\\'] }),
    message: /exclude\[0\]: .*lone backslash/,
  },
  'an empty include': { input: json({ include: [] }), message: /include: .*1 to 500 patterns/ },
  'too many patterns': {
    input: json({ exclude: Array(501).fill('a') }),
    message: /exclude: found \["a",.*; expected an array of 0 to 500 patterns/,
  },
  'an override of nothing': {
    input: json({ overrides: [{ match: 'a' }] }),
    message: /overrides\[0\]\.buffer is missing/,
  },
  'a handoff to no queue': {
    input: json({ handoff: { workflowType: 'promoteStandby' } }),
    message: /handoff\.taskQueue is missing/,
  },
  "a handoff to the server's own queue": {
    input: json({ handoff: { workflowType: 'a', taskQueue: '/_sys/b' } }),
    message: /handoff\.taskQueue: .*\/_sys\//,
  },
  'too long an ID for the handoff': {
    input: json({ handoff: { workflowType: 'a', taskQueue: 'b', workflowId: 'x'.repeat(1001) } }),
    message: /handoff\.workflowId: .*1 to 1000 bytes/,
  },
  'a lone surrogate': {
    input: text('{"ticket": "\\ud800"}'),
    message: /ticket: found .*; expected a ticket/,
  },
  'a lone surrogate as a field': { input: text('{"\\udc00": 1}'), message: /found an unknown field/ },
  'a NUL': { input: text('{"include": ["a\\u0000b"]}'), message: /include\[0\]: .*no NUL/ },
  'a control character in the ticket': {
    input: text('{"ticket": "a\\u001bb"}'),
    message: /ticket: .*no control characters/,
  },
  'a string': { input: json('plan'), message: /the argument: found "plan"; expected a JSON object/ },
  'JSON inside a string': {
    input: json('{"mode": "plan"}'),
    message: /send the object itself, not JSON inside a string/,
  },
  'an array': {
    input: json([{ mode: 'plan' }]),
    message: /the argument: found \[\{"mode":"plan"\}\]; expected a JSON object/,
  },
  'a number': { input: json(42), message: /the argument: found 42; expected a JSON object/ },
  true: { input: json(true), message: /the argument: found true; expected a JSON object/ },
  'a second argument': {
    input: json({ mode: 'plan' }, {}),
    message: /found 2 arguments; expected at most one/,
  },
  'two nulls': { input: json(null, null), message: /found 2 arguments; expected at most one/ },
  'a payload of another encoding': {
    input: encoded('binary/encrypted', 'not for you'),
    message: /could not be decoded \(encoding "binary\/encrypted"\)/,
  },
  'plain bytes': {
    input: encoded('binary/plain', '{}'),
    message: /could not be decoded \(encoding "binary\/plain"\)/,
  },
  'JSON under another name': {
    input: [...text('{}'), '--input-meta', 'encoding=json/Plain'],
    message: /could not be decoded \(encoding "json\/Plain"\)/,
  },
  'a protobuf message': {
    input: [...text('{"messageType": "a"}'), '--input-meta', 'encoding=json/protobuf'],
    message: /could not be decoded \(encoding "json\/protobuf"\)/,
  },
  'what says it is JSON and is not even text': {
    input: noJson,
    message: /could not be decoded \(encoding "json\/plain"\)/,
  },
};

it.each(Object.keys(malformed))('fails at once, naming what is wrong: %s', async (kind) => {
  const { input, message } = malformed[kind] ?? { input: [], message: /^$/ };
  const run = await stage.send(input);
  const failure = await failed(run);
  expect(failure).toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(message) as string,
    details: {
      pair: null,
      mode: null,
      phase: 'done',
      primary: null,
      standby: null,
      counts: { total: 0 },
      round: 0,
      findings: [],
      gate: null,
    },
  });
  expect(failure.message).toMatch(
    /Correct the input and start the workflow again; no database was touched\.$/,
  );
  expect(failure.message).not.toContain('planted-secret');
  // One workflow task: nothing was tried.
  const { events } = await run.history();
  expect(events.map(({ eventType }) => eventType)).toEqual([
    'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
    'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
    'EVENT_TYPE_WORKFLOW_TASK_STARTED',
    'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
    'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED',
  ]);
});

describe('large input', () => {
  it.each([
    {
      what: 'a text of 1.5 MB',
      content: () => JSON.stringify({ ticket: 'x'.repeat(1_500_000) }),
      message: /ticket: found "x+…/,
    },
    {
      what: '100,000 unknown fields',
      content: () =>
        JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`f${index}`, 1]))),
      message: /100000 problems:\n.*\n(.*\n)*- and 99990 more/,
    },
    {
      what: 'objects 5,000 deep',
      content: () => '{"buffer": '.repeat(5_000) + '1' + '}'.repeat(5_000),
      message: /buffer: /,
    },
    {
      what: 'a million lone surrogates',
      content: () => `{"requestedBy": "${'\\ud800'.repeat(200_000)}"}`,
      message: /requestedBy: found/,
    },
  ])('is refused with a short message: $what', async ({ content, message }) => {
    const failure = await failed(await stage.send(file(content())));
    expect(failure).toMatchObject({
      type: 'InvalidInput',
      message: expect.stringMatching(message) as string,
    });
    expect(failure.message.length).toBeLessThanOrEqual(4_000);
  });
});

it('names the pairs that the worker knows when asked for another', async () => {
  const run = await stage.start({ pair: 'nowhere', mode: 'plan', requestedBy: 'alice', ticket: 'CHG-1' });
  const failure = await failed(run);
  expect(failure).toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(
      /^pair: This worker knows no pair "nowhere"\. It knows: pair_1, /,
    ) as string,
    details: {
      pair: 'nowhere',
      mode: 'plan',
      phase: 'done',
      requestedBy: 'alice',
      ticket: 'CHG-1',
      primary: null,
    },
  });
});

it('names an unknown pair also in the modes that write', async () => {
  const failure = await failed(await stage.start({ pair: 'nowhere' }));
  expect(failure).toMatchObject({ type: 'InvalidInput', details: { gate: { state: 'closed' } } });
});

it.each([
  { what: 'no argument', input: [] },
  { what: 'null', input: json(null) },
  { what: 'an empty object', input: json({}) },
])('takes $what for all defaults', async ({ input }) => {
  // The pair default is none of this worker's, so this far and no further.
  const failure = await failed(await stage.send(input));
  expect(failure).toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(/no pair "default"/) as string,
    details: { pair: 'default', mode: 'failover', gate: { state: 'closed', required: 1 } },
  });
});
