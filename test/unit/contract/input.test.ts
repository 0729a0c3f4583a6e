import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInput, type RunInput } from '../../../src/contract/input.js';
import { characters } from '../../../src/contract/parsing/text.js';
import { Undecodable } from '../../../src/contract/parsing/undecodable.js';

const DEFAULTS: RunInput = {
  pair: 'default',
  mode: 'failover',
  buffer: null,
  include: [],
  exclude: [],
  overrides: [],
  approval: {
    timeout: '24 hours',
    required: 1,
    recheckEvery: '1 minute',
    timeoutMs: 86_400_000,
    recheckEveryMs: 60_000,
  },
  handoff: null,
  requestedBy: null,
  ticket: null,
};

const NEXT_STEP = 'Correct the input and start the workflow again; no database was touched.';

function accepted(argument: unknown): RunInput {
  const parsed = parseInput([argument]);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.input;
}

function refusal(...args: unknown[]): string {
  const parsed = parseInput(args);
  if (parsed.ok) throw new Error(`accepted: ${JSON.stringify(parsed.input)}`);
  return parsed.message;
}

describe('what is accepted', () => {
  it.each([[[]], [[undefined]], [[null]], [[{}]]])('takes %j for the defaults', (args) => {
    expect(parseInput(args)).toEqual({ ok: true, input: DEFAULTS });
  });

  it('takes every field of the contract', () => {
    const input = {
      pair: 'orders',
      mode: 'plan',
      buffer: { preset: 'low' },
      include: ['public.*'],
      exclude: ['audit.*', 'a\\*b\\\\', 'line\nbreak'],
      overrides: [
        { match: 'public.orders_id_seq', buffer: { preset: 'time-critical' } },
        { match: 'b', buffer: { calls: '9223372036854775807' }, rows: 'raise' },
        { match: 'd', rows: 'ignore' },
        { match: 'c', buffer: { peakInsertsPerSecond: 50, maxFailoverSeconds: 60, safetyFactor: 1.1 } },
      ],
      approval: { timeout: '2d', required: 2, recheckEvery: '90 seconds' },
      handoff: { workflowType: 'promoteStandby', taskQueue: 'promotion', workflowId: 'promote-1' },
      requestedBy: 'Åsa 🙂',
      ticket: 'CHG-123',
    };
    expect(accepted(input)).toEqual({
      ...input,
      approval: { ...input.approval, timeoutMs: 172_800_000, recheckEveryMs: 90_000 },
    });
  });

  it('names the promotion workflow after the pair', () => {
    expect(accepted({ pair: 'orders', handoff: { workflowType: 'p', taskQueue: 'q' } }).handoff).toEqual({
      workflowType: 'p',
      taskQueue: 'q',
      workflowId: 'promote-orders',
    });
  });

  it('fills in what an approval leaves out', () => {
    expect(accepted({ approval: { required: 20 } }).approval).toEqual({ ...DEFAULTS.approval, required: 20 });
  });

  it('takes an undefined field for an absent one', () => {
    expect(accepted({ pair: undefined, buffer: undefined, approval: undefined })).toEqual(DEFAULTS);
  });

  it('takes a buffer of 0 and an empty exclude', () => {
    expect(accepted({ buffer: { calls: '0' }, exclude: [] })).toEqual({
      ...DEFAULTS,
      buffer: { calls: '0' },
    });
  });

  it('takes a measured buffer as it was written, in an override too', () => {
    const buffer = {
      measure: { sampleFor: '30 seconds' },
      maxFailoverSeconds: 600,
      safetyFactor: 2,
      minimum: '10000',
    };
    const overrides = [{ match: 'public.*', buffer: { ...buffer, measure: { sampleFor: '10 minutes' } } }];
    expect(accepted({ buffer, overrides })).toEqual({ ...DEFAULTS, buffer, overrides });
  });

  it('takes an object that another realm has made', () => {
    expect(accepted(Object.assign(Object.create(null) as object, { pair: 'orders' })).pair).toBe('orders');
  });
});

describe('what is refused', () => {
  it('says the field, what was found, what is expected and the next step', () => {
    expect(refusal({ mode: 'fail' })).toBe(
      `Invalid input: mode: found "fail"; expected one of "check", "plan", "verify", "sync", "failover". ${NEXT_STEP}`,
    );
  });

  it('says all problems at once', () => {
    expect(refusal({ ticket: 1, inclde: [], approval: { required: 0 }, handoff: { taskQueue: 'q' } })).toBe(
      [
        'Invalid input: 4 problems:',
        '- approval.required: found 0; expected a whole number of approvals, 1 to 20',
        '- handoff.workflowType is missing; expected the type of the promotion workflow: 1 to 1000 bytes of well-formed Unicode, no control characters',
        '- ticket: found 1; expected a ticket: at most 500 characters of well-formed Unicode, no control characters',
        '- inclde: found an unknown field; did you mean include',
        NEXT_STEP,
      ].join('\n'),
    );
  });

  it('counts the problems beyond ten', () => {
    const lines = refusal(Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`key${at}`, at]))).split(
      '\n',
    );
    expect(lines).toHaveLength(13);
    expect(lines[0]).toBe('Invalid input: 25 problems:');
    expect(lines[11]).toBe('- and 15 more');
  });

  it.each<[unknown, string]>([
    [[], '[]'],
    [[1], '[1]'],
    ['text', '"text"'],
    [5, '5'],
    [true, 'true'],
    [new Uint8Array(0), 'binary data'],
    [new Uint8Array([1]), 'binary data'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new Map(), '{}'],
    [Object.create({ pair: 'inherited' }), '{}'],
  ])('an argument that is no JSON object: %j', (argument, found) => {
    expect(refusal(argument)).toBe(
      `Invalid input: the argument: found ${found}; expected a JSON object such as {"pair": "default", "mode": "failover"}. ${NEXT_STEP}`,
    );
  });

  it('JSON inside a string, with the way out', () => {
    expect(refusal('{"pair": "orders"}')).toContain('send the object itself, not JSON inside a string');
  });

  it.each([[null], [undefined], [{}]])('a second argument, even %j', (second) => {
    expect(refusal({}, second)).toContain('found 2 arguments; expected at most one, a JSON object such as');
  });

  it('a payload that could not be decoded', () => {
    expect(refusal(new Undecodable('binary/encrypted', 'no such key'))).toBe(
      `Invalid input: the payload could not be decoded (encoding "binary/encrypted"): send JSON, for example {"pair": "default", "mode": "failover"}. ${NEXT_STEP}`,
    );
  });

  it.each<[string, unknown, string]>([
    ['an unknown key', { foo: 1 }, 'foo: found an unknown field; expected only pair, mode, buffer'],
    [
      'a wait of no end',
      { approval: { replicationTimeout: '2 hours' } },
      'approval.replicationTimeout: found "2 hours"',
    ],
    ['another primary', { primary: 'gone' }, 'primary: found "gone"; expected "lost"'],
    [
      'a lost primary in a mode that reads it',
      { primary: 'lost', mode: 'sync' },
      'primary: found "lost"; expected only with the modes failover and plan: sync reads the primary',
    ],
    [
      'a promotion that needs a lost primary',
      { primary: 'lost', handoff: { workflowType: 'promoteStandby', taskQueue: 'sequence-failover' } },
      'handoff: found "promoteStandby"; expected no handoff to promoteStandby with "primary": "lost"',
    ],
    ['a misspelt key', { bufer: 1 }, 'bufer: found an unknown field; did you mean buffer'],
    ['a key in another case', { requestedby: 'a' }, 'did you mean requestedBy'],
    [
      'an unknown key in depth',
      { approval: { timout: '1h' } },
      'approval.timout: found an unknown field; did you mean timeout',
    ],
    [
      'an unknown key of a handoff',
      { handoff: { workflowType: 'a', taskQueue: 'b', args: [] } },
      'handoff.args: found an unknown field',
    ],
    ['__proto__', JSON.parse('{"__proto__": {}}'), '__proto__: found an unknown field'],
    ['constructor', { constructor: 1 }, 'constructor: found an unknown field'],
    [
      '__proto__ in depth',
      JSON.parse('{"buffer": {"calls": "1", "__proto__": 1}}'),
      'buffer.__proto__: found an unknown field',
    ],
    ['an odd key', { 'a\n\u202eb': 1 }, '["a\\n\\u202eb"]: found an unknown field'],
    ['a null field', { ticket: null }, 'ticket: found null; expected'],
    ['a null object', { approval: null }, 'approval: found null; expected an object'],
    ['an empty pair', { pair: '' }, 'pair: found ""; expected the name of a pair'],
    ['a long pair', { pair: 'p'.repeat(201) }, 'pair: found "ppp'],
    ['a control character', { pair: 'a\u0007' }, 'pair: found "a\\u0007"'],
    ['a lone surrogate', { requestedBy: 'a\ud800' }, 'requestedBy: found "a'],
    ['NUL', { ticket: 'a\0b' }, 'ticket: found "a\\u0000b"'],
    [
      'a number for calls',
      { buffer: { calls: 10000 } },
      'buffer.calls: found 10000; expected a decimal string of 0 to 9223372036854775807, such as "10000"; put the number in quotes',
    ],
    [
      'calls beyond bigint',
      { buffer: { calls: '9223372036854775808' } },
      'buffer.calls: found "9223372036854775808"',
    ],
    ['calls with a sign', { buffer: { calls: '-1' } }, 'buffer.calls: found "-1"'],
    ['calls with a line break', { buffer: { calls: '1\n' } }, 'buffer.calls: found "1\\n"'],
    ['calls in hexadecimal', { buffer: { calls: '0x10' } }, 'buffer.calls: found "0x10"'],
    ['empty calls', { buffer: { calls: '' } }, 'buffer.calls: found ""'],
    [
      'an unknown preset',
      { buffer: { preset: 'huge' } },
      'buffer.preset: found "huge"; expected one of "low", "medium", "high", "time-critical"',
    ],
    ['a preset of Object.prototype', { buffer: { preset: 'toString' } }, 'buffer.preset: found "toString"'],
    ['a preset alone', { buffer: 'low' }, 'buffer: found "low"; expected a buffer: {"preset": "low"}'],
    ['no form of buffer', { buffer: {} }, 'buffer: found {}; expected exactly one form'],
    ['two forms of buffer', { buffer: { preset: 'low', calls: '1' } }, 'expected exactly one form of buffer'],
    [
      'half a formula',
      { buffer: { peakInsertsPerSecond: 1, safetyFactor: 1 } },
      'buffer.maxFailoverSeconds is missing',
    ],
    ['factors alone', { buffer: { safetyFactor: 1 } }, 'buffer.peakInsertsPerSecond is missing'],
    [
      'half a measured buffer',
      { buffer: { measure: { sampleFor: '30 seconds' } } },
      'buffer.minimum is missing; expected a decimal string',
    ],
    [
      'a measured buffer without a sample',
      { buffer: { minimum: '1', maxFailoverSeconds: 1, safetyFactor: 1 } },
      'buffer.measure is missing; expected an object such as {"sampleFor": "30 seconds"}',
    ],
    ...['10.1 minutes', '0 seconds', '30', '-1 second', 30].map((sampleFor): [string, unknown, string] => [
      `a sample for ${sampleFor}`,
      { buffer: { measure: { sampleFor }, maxFailoverSeconds: 1, safetyFactor: 1, minimum: '1' } },
      'expected a duration with a unit, from 1 ms to 10 minutes, such as "30 seconds"',
    ]),
    [
      'a formula with a minimum',
      { buffer: { peakInsertsPerSecond: 1, maxFailoverSeconds: 1, safetyFactor: 1, minimum: '1' } },
      'expected exactly one form of buffer',
    ],
    [
      'a preset with a factor',
      { buffer: { preset: 'low', safetyFactor: 1 } },
      'expected exactly one form of buffer',
    ],
    [
      'a factor of 0',
      { buffer: { peakInsertsPerSecond: 0, maxFailoverSeconds: 1, safetyFactor: 1 } },
      'buffer.peakInsertsPerSecond: found 0',
    ],
    [
      'an infinite factor',
      { buffer: { peakInsertsPerSecond: 1, maxFailoverSeconds: Infinity, safetyFactor: 1 } },
      'buffer.maxFailoverSeconds: found Infinity',
    ],
    [
      'NaN',
      { buffer: { peakInsertsPerSecond: 1, maxFailoverSeconds: 1, safetyFactor: NaN } },
      'buffer.safetyFactor: found NaN',
    ],
    [
      'a factor in quotes',
      { buffer: { peakInsertsPerSecond: '5', maxFailoverSeconds: 1, safetyFactor: 1 } },
      'buffer.peakInsertsPerSecond: found "5"',
    ],
    [
      'a product beyond bigint',
      { buffer: { peakInsertsPerSecond: 1e18, maxFailoverSeconds: 10, safetyFactor: 1 } },
      'expected a product of at most 9223372036854775807',
    ],
    [
      'an empty include',
      { include: [] },
      'include: found []; expected an array of 1 to 500 patterns such as ["public.*"]; leave it out to include everything',
    ],
    ['an empty pattern', { include: [''] }, 'include[0]: found ""'],
    ['a pattern that is no string', { exclude: ['a', 1] }, 'exclude[1]: found 1'],
    ['a string for patterns', { include: 'public.*' }, 'include: found "public.*"; expected an array'],
    [
      'a lone backslash',
      { include: ['a\\'] },
      'include[0]: found "a\\\\"; expected a pattern that does not end with a lone backslash',
    ],
    ['a long pattern', { include: ['a'.repeat(301)] }, 'include[0]: found "aaa'],
    ['501 patterns', { exclude: Array.from({ length: 501 }, () => 'a') }, 'exclude: found ["a","a"'],
    ['501 overrides', { overrides: Array.from({ length: 501 }, () => ({})) }, 'overrides: found [{},{}'],
    ['an override without a buffer', { overrides: [{ match: 'a' }] }, 'overrides[0].buffer is missing'],
    [
      'rows that are neither',
      { overrides: [{ match: 'a', rows: 'leave' }] },
      'overrides[0].rows: found "leave"; expected "ignore" or "raise"',
    ],
    [
      'a value deep in an override',
      { overrides: [{ match: 'a', buffer: { calls: 1 } }] },
      'overrides[0].buffer.calls: found 1',
    ],
    [
      'a bare number for a duration',
      { approval: { timeout: '90' } },
      'approval.timeout: found "90"; expected a duration with a unit',
    ],
    ['a number for a duration', { approval: { timeout: 90 } }, 'say which unit the number is in'],
    ['an unknown unit', { approval: { timeout: '2 fortnights' } }, 'approval.timeout: found "2 fortnights"'],
    ['a negative duration', { approval: { timeout: '-1 hour' } }, 'approval.timeout: found "-1 hour"'],
    ['no time at all', { approval: { timeout: '0 s' } }, 'approval.timeout: found "0 s"'],
    ['more than a year', { approval: { timeout: '366 days' } }, 'approval.timeout: found "366 days"'],
    ['two units', { approval: { timeout: '1h 30m' } }, 'approval.timeout: found "1h 30m"'],
    [
      'too short a recheck',
      { approval: { recheckEvery: '999 ms' } },
      'approval.recheckEvery: found "999 ms"; expected a duration with a unit, from 1 second',
    ],
    ['half an approval', { approval: { required: 1.5 } }, 'approval.required: found 1.5'],
    ['21 approvals', { approval: { required: 21 } }, 'approval.required: found 21'],
    [
      'a task queue of the server',
      { handoff: { workflowType: 'a', taskQueue: '/_sys/x' } },
      'handoff.taskQueue: found "/_sys/x"; expected a task queue whose name does not begin with "/_sys/"',
    ],
    [
      'a task queue of its own workers',
      { handoff: { workflowType: 'a', taskQueue: 'temporal-sys-per-ns-tq' } },
      'handoff.taskQueue: found "temporal-sys-per-ns-tq"; expected a task queue whose name does not begin with "/_sys/" or "temporal-sys-", which are reserved for the Temporal server',
    ],
    [
      'an empty workflow ID',
      { handoff: { workflowType: 'a', taskQueue: 'b', workflowId: '' } },
      'handoff.workflowId: found ""',
    ],
    [
      '1,001 bytes in fewer characters',
      { handoff: { workflowType: 'é'.repeat(500) + 'a', taskQueue: 'b' } },
      'handoff.workflowType: found "é',
    ],
  ])('%s', (_, input, message) => {
    expect(refusal(input)).toContain(message);
  });

  it.each([
    { pair: 'postgres://app:s3cret@db/orders' },
    { pair: 'host=db password=s3cret' },
    { ticket: ['postgresql://app:s3cret@db/orders'] },
    { requestedBy: { password: 's3cret' } },
    { 'postgres://app:s3cret@db': 1 },
    '{"url": "postgres://app:s3cret@db"}',
  ])('without repeating a secret: %j', (input) => {
    expect(refusal(input)).not.toContain('s3cret');
  });

  it('what throws when it is read', () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('get');
        },
        ownKeys() {
          throw new Error('keys');
        },
      },
    );
    expect(refusal(hostile)).toContain('found a value that cannot be read');
  });

  // A workflow task has a few seconds, and a payload may have two million characters.
  it('reading each entry of a large payload at most once', () => {
    let reads = 0;
    const counted = <T extends object>(value: T) =>
      new Proxy(value, {
        get(target, key, receiver) {
          if (typeof key === 'string' && /^k?\d+$/.test(key)) reads += 1;
          return Reflect.get(target, key, receiver) as unknown;
        },
      });
    const entries = Array.from({ length: 100_000 }, () => 1);
    refusal({ pair: 'x'.repeat(2_000_000), include: counted(entries) });
    expect(reads).toBeLessThanOrEqual(entries.length);
    reads = 0;
    refusal(counted(Object.fromEntries(entries.map((_, at) => [`k${at}`, at]))));
    expect(reads).toBeLessThanOrEqual(entries.length);
  });
});

const pattern = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => !text.includes('\0') && !text.includes('\\'));
const buffer = fc.oneof(
  fc.record({ preset: fc.constantFrom('low', 'medium', 'high', 'time-critical') }),
  fc.record({ calls: fc.bigInt(0n, 9223372036854775807n).map(String) }),
  fc.record({
    peakInsertsPerSecond: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    maxFailoverSeconds: fc.integer({ min: 1, max: 86_400 }),
    safetyFactor: fc.double({ min: 1, max: 10, noNaN: true }),
  }),
);
const validInput = fc.record(
  {
    pair: fc.stringMatching(/^[a-z0-9_-]{1,40}$/),
    mode: fc.constantFrom('plan', 'verify', 'sync', 'failover'),
    buffer,
    include: fc.array(pattern, { minLength: 1, maxLength: 5 }),
    exclude: fc.array(pattern, { maxLength: 5 }),
    overrides: fc.array(fc.record({ match: pattern, buffer }), { maxLength: 5 }),
    approval: fc.record(
      {
        timeout: fc.integer({ min: 1, max: 365 }).map((days) => `${days} days`),
        required: fc.integer({ min: 1, max: 20 }),
        recheckEvery: fc.integer({ min: 1, max: 3600 }).map((seconds) => `${seconds}s`),
      },
      { requiredKeys: [] },
    ),
    handoff: fc.record({
      workflowType: fc.stringMatching(/^[a-z]{1,20}$/),
      taskQueue: fc.stringMatching(/^[a-z]{1,20}$/),
    }),
    ticket: fc.stringMatching(/^[A-Z]{3}-\d{1,5}$/),
  },
  { requiredKeys: [] },
);

/** A valid input with one value somewhere in it replaced by anything. */
const mutated = fc.tuple(validInput, fc.nat(), fc.anything()).map(([input, at, value]) => {
  const copy = structuredClone(input) as Record<string, unknown>;
  const keys = [...Object.keys(copy), 'unknown'];
  const key = keys[at % keys.length] ?? 'unknown';
  const inner = copy[key];
  if (at % 2 === 0 && typeof inner === 'object' && inner !== null) {
    const innerKeys = Object.keys(inner);
    (inner as Record<string, unknown>)[innerKeys[at % (innerKeys.length || 1)] ?? 'unknown'] = value;
  } else {
    copy[key] = value;
  }
  return copy;
});

const exotic = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  stringUnit: 'binary',
});

describe('for any value', () => {
  it('either refuses readably or yields what JSON carries', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), exotic, mutated, fc.string({ unit: 'binary' })), (value) => {
        const parsed = parseInput([value]);
        if (parsed.ok) {
          expect(JSON.parse(JSON.stringify(parsed.input))).toEqual(parsed.input);
        } else {
          expect(parsed.message.isWellFormed()).toBe(true);
          expect(characters(parsed.message)).toBeLessThanOrEqual(4000);
          expect(parsed.message).toMatch(/^Invalid input: /);
          expect(parsed.message.endsWith(NEXT_STEP)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps what was written and fills in the rest', () => {
    fc.assert(
      fc.property(validInput, (input) => {
        expect(accepted(input)).toMatchObject(input);
      }),
    );
  });

  it('judges any list of arguments', () => {
    fc.assert(
      fc.property(fc.array(exotic, { minLength: 2 }), (args) => {
        expect(parseInput(args).ok).toBe(false);
      }),
    );
  });

  it('patterns that together would not fit beside a page of sequences', () => {
    const patterns = (character: string, length: number) =>
      Array.from(
        { length: 480 },
        (_, index) => `${character.repeat(length - 3)}${String(index).padStart(3, '0')}`,
      );
    const all = (character: string, length: number) => ({
      include: patterns(character, length),
      exclude: patterns(character, length),
      overrides: patterns(character, length).map((match) => ({ match, buffer: { preset: 'low' } })),
    });
    for (const input of [all('🐘', 300), all('\u0001', 300), all('x', 300)]) {
      expect(refusal(input)).toMatch(
        /include, exclude and overrides.*: found "\d+ bytes"; expected at most 300000 bytes of JSON in all/,
      );
    }
    expect(parseInput([all('x', 127)])).toMatchObject({ ok: true });
  });
});
