import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MessageKind, parseMessage, parseSequencesQuery } from '../../../src/contract/messages.js';
import { characters } from '../../../src/contract/parsing/text.js';
import { Undecodable } from '../../../src/contract/parsing/undecodable.js';

const KINDS: MessageKind[] = ['approve', 'reject', 'resynchronize', 'decide'];

describe('messages that stand', () => {
  it.each<[MessageKind, unknown, unknown]>([
    ['approve', { by: 'alice' }, { kind: 'approve', by: 'alice', reason: null, accept: [] }],
    [
      'approve',
      { by: ' alice ', reason: ' two\nlines ', accept: ['public."a\nb"', 'PATTERN_UNMATCHED'] },
      { kind: 'approve', by: 'alice', reason: 'two\nlines', accept: ['public."a\nb"', 'PATTERN_UNMATCHED'] },
    ],
    ['approve', { by: 'alice', reason: ' ' }, { kind: 'approve', by: 'alice', reason: null, accept: [] }],
    ['reject', { by: 'alice', reason: 'not today' }, { kind: 'reject', by: 'alice', reason: 'not today' }],
    ['resynchronize', { by: 'alice' }, { kind: 'resynchronize', by: 'alice' }],
    [
      'decide',
      { decision: 'approve', by: 'bot', accept: ['EXHAUSTED'] },
      { kind: 'approve', by: 'bot', reason: null, accept: ['EXHAUSTED'] },
    ],
    ['decide', { decision: 'reject', by: 'bot', reason: 'no' }, { kind: 'reject', by: 'bot', reason: 'no' }],
    [
      'decide',
      { decision: 'reject', by: 'bot', reason: 'no', accept: [] },
      { kind: 'reject', by: 'bot', reason: 'no' },
    ],
  ])('%s %j', (kind, argument, value) => {
    expect(parseMessage(kind, [argument])).toEqual({ ok: true, value });
  });

  it('takes one name in two Unicode forms for one person', () => {
    const [composed, decomposed] = ['\u00c5sa', 'A\u030asa'].map((by) =>
      parseMessage('resynchronize', [{ by }]),
    );
    expect(composed).toEqual({ ok: true, value: { kind: 'resynchronize', by: '\u00c5sa' } });
    expect(decomposed).toEqual(composed);
  });
});

describe('messages that are refused', () => {
  it.each<[MessageKind, unknown[], string, string | null]>([
    [
      'approve',
      [],
      'found no argument; expected one JSON object, for example {"by": "alice", "reason": "CHG-123"}',
      null,
    ],
    ['reject', [], 'for example {"by": "alice", "reason": "the change was called off"}', null],
    ['resynchronize', [], 'for example {"by": "alice"}', null],
    ['decide', [], 'for example {"decision": "approve", "by": "alice"}', null],
    ['approve', [{ by: 'alice' }, null], 'found 2 arguments; expected one JSON object', 'alice'],
    ['approve', [null], 'the argument: found null; expected an object such as', null],
    ['approve', ['alice'], 'the argument: found "alice"; expected an object such as', null],
    ['approve', [['alice']], 'the argument: found ["alice"]', null],
    ['approve', [{}], 'by is missing; expected who decides', null],
    ['approve', [{ by: '  ' }], 'by: found "  "; expected who decides: a name that is not only spaces', '  '],
    ['approve', [{ by: 'a'.repeat(201) }], 'by: found "aaa', 'a'.repeat(201)],
    ['approve', [{ by: 'a'.repeat(600) }], 'by: found "aaa', `${'a'.repeat(499)}…`],
    ['approve', [{ by: 'a\u001b[2J' }], 'by: found "a\\u001b[2J"', 'a\u001b[2J'],
    ['approve', [{ by: 'a\ud800' }], 'by: found "a', 'a\ufffd'],
    ['approve', [{ by: 5 }], 'by: found 5', null],
    ['approve', [{ by: 'alice', accpt: [] }], 'accpt: found an unknown field; did you mean accept', 'alice'],
    [
      'approve',
      [{ by: 'alice', accept: 'EXHAUSTED' }],
      'accept: found "EXHAUSTED"; expected an array',
      'alice',
    ],
    ['approve', [{ by: 'alice', accept: [''] }], 'accept[0]: found ""', 'alice'],
    [
      'approve',
      [{ by: 'alice', accept: Array.from({ length: 1001 }, () => 'a') }],
      'accept: found ["a"',
      'alice',
    ],
    ['approve', [{ by: 'alice', reason: 'a'.repeat(2001) }], 'reason: found "aaa', 'alice'],
    ['approve', [{ by: 'alice', reason: null }], 'reason: found null', 'alice'],
    ['reject', [{ by: 'alice' }], 'reason is missing', 'alice'],
    [
      'reject',
      [{ by: 'alice', reason: ' ' }],
      'reason: found " "; expected why: a text that is not only spaces',
      'alice',
    ],
    ['reject', [{ by: 'alice', reason: 'no', accept: [] }], 'accept: found an unknown field', 'alice'],
    [
      'resynchronize',
      [{ by: 'alice', reason: 'x' }],
      'reason: found an unknown field; expected only by',
      'alice',
    ],
    ['decide', [{ by: 'bot' }], 'decision is missing; expected "approve" or "reject"', 'bot'],
    [
      'decide',
      [{ decision: 'maybe', by: 'bot' }],
      'decision: found "maybe"; expected "approve" or "reject"',
      'bot',
    ],
    ['decide', [{ decision: 'reject', by: 'bot' }], 'reason is missing', 'bot'],
    [
      'decide',
      [{ decision: 'reject', by: 'bot', reason: 'no', accept: ['EXHAUSTED'] }],
      'accept: found ["EXHAUSTED"]; expected nothing to accept',
      'bot',
    ],
    [
      'approve',
      [new Undecodable('json/x', 'why')],
      'the payload could not be decoded (encoding "json/x"): send JSON, for example',
      null,
    ],
  ])('%s %j', (kind, args, message, by) => {
    expect(parseMessage(kind, args)).toEqual({
      ok: false,
      message: expect.stringContaining(message) as string,
      by,
    });
  });

  it('all problems at once', () => {
    expect(parseMessage('decide', [{ decision: 'reject', reson: 'typo' }])).toEqual({
      ok: false,
      message: [
        '3 problems:',
        '- by is missing; expected who decides: 1 to 200 characters of well-formed Unicode, no control characters',
        '- reason is missing; expected why: 1 to 2000 characters of well-formed Unicode, no control characters but line breaks',
        '- reson: found an unknown field; did you mean reason',
      ].join('\n'),
      by: null,
    });
  });
});

describe('the query sequences', () => {
  it.each<[unknown[], unknown]>([
    [[], { limit: 500 }],
    [[null], { limit: 500 }],
    [[{}], { limit: 500 }],
    [[{ after: null }], { limit: 500 }],
    [
      [{ after: 'public."a b"', limit: 1000, outcome: 'failed' }],
      { after: 'public."a b"', limit: 1000, outcome: 'failed' },
    ],
  ])('%j', (args, value) => {
    expect(parseSequencesQuery(args)).toEqual({ ok: true, value });
  });

  it.each<[unknown[], string]>([
    [[{}, {}], 'found 2 arguments'],
    [[{ limit: 0 }], 'limit: found 0; expected a whole number of rows, 1 to 1000'],
    [[{ limit: 1001 }], 'limit: found 1001'],
    [[{ limit: 1.5 }], 'limit: found 1.5'],
    [[{ limit: '5' }], 'limit: found "5"'],
    [[{ outcome: 'done' }], 'outcome: found "done"; expected one of "applied", "kept", "skipped", "failed"'],
    [[{ offset: 1 }], 'offset: found an unknown field'],
    [[{ after: 1 }], 'after: found 1'],
    [[5], 'the argument: found 5; expected a JSON object'],
    [[new Undecodable('x', 'why')], 'the payload could not be decoded (encoding "x"): send JSON'],
  ])('refuses %j', (args, message) => {
    expect(parseSequencesQuery(args)).toEqual({
      ok: false,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('for any value', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withNullPrototype: true }),
    fc.record(
      {
        by: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
        reason: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
        accept: fc.oneof(fc.array(fc.string()), fc.anything()),
        decision: fc.constantFrom('approve', 'reject', 'other'),
        after: fc.string(),
      },
      { requiredKeys: [] },
    ),
  );

  it('a message is refused readably or yields what JSON carries', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.array(anything, { maxLength: 2 }), (kind, args) => {
        const parsed = parseMessage(kind, args);
        if (parsed.ok) {
          expect(JSON.parse(JSON.stringify(parsed.value))).toEqual(parsed.value);
          expect(parsed.value.by).not.toBe('');
        } else {
          expect(parsed.message.isWellFormed()).toBe(true);
          expect(characters(parsed.message)).toBeLessThanOrEqual(4000);
          expect(parsed.by === null || (parsed.by.isWellFormed() && characters(parsed.by) <= 500)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a query is refused or yields a limit', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 2 }), (args) => {
        const parsed = parseSequencesQuery(args);
        if (parsed.ok) expect(parsed.value.limit).toBeGreaterThan(0);
        else expect(characters(parsed.message)).toBeLessThanOrEqual(4000);
      }),
    );
  });
});
