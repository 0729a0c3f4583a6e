import { describe, expect, it } from 'vitest';
import { parseInput } from '../../../src/contract/input.js';
import type { WarningCode } from '../../../src/contract/findings.js';
import type { Finding } from '../../../src/contract/status.js';
import { unmatchedPattern } from '../../../src/planning/pair/readiness-findings.js';
import { notCaughtUp } from '../../../src/planning/pair/replication-findings.js';
import { missingOnStandby } from '../../../src/planning/sequence/sequence-findings.js';
import { notAhead } from '../../../src/planning/sequence/verification-findings.js';
import { toMarkdown } from '../../../workflows/failover/details.js';
import { Run } from '../../../workflows/failover/run.js';

const AT = '2026-01-02T03:04:05.000Z';

function runIn(mode: string): Run {
  const parsed = parseInput([{ mode }]);
  if (!parsed.ok) throw new Error(parsed.message);
  return Run.begin(parsed.input, AT);
}

const sequence = {
  ...{ schema: 'public', name: 'a', sequence: 'public.a', oid: 1 },
  ...{ increment: '1', min: '1', max: '9', cache: '1' },
};

describe('the findings of a run', () => {
  it.each([
    ['failover', 'CACHE 1; then signal resynchronize'],
    ['sync', 'CACHE 1; then start the run again'],
    ['verify', 'CACHE 1; then start the run again'],
  ])('say in the mode %s what to do once a block is mended', (mode, ending) => {
    const run = runIn(mode);
    run.setFindings('pages', [
      missingOnStandby(sequence.sequence, [], { statements: ['CREATE SEQUENCE s CACHE 1;'] }),
    ]);
    expect(run.status().findings).toEqual([
      expect.objectContaining({ remedy: expect.stringMatching(new RegExp(`${ending}$`)) as string }),
    ]);
    // Asked again, they say it once.
    expect(run.findings()).toEqual(run.findings());
  });

  it('leave that to those that the next recheck clears, and to warnings', () => {
    const run = runIn('failover');
    const lost: Finding = {
      ...{ severity: 'block', code: 'PRIMARY_UNREACHABLE', sequence: null, count: 1 },
      ...{ message: 'gone', remedy: 'bring it back' },
    };
    const warning: Finding = { ...lost, severity: 'warn', code: 'NO_SUBSCRIPTION', remedy: 'check by hand.' };
    run.setFindings('watch', [lost, warning]);
    run.setFindings('readiness', [unmatchedPattern({ list: 'include', pattern: 'x' })]);
    expect(run.findings().map(({ remedy }) => remedy)).toEqual([
      expect.stringMatching(/or accept PATTERN_UNMATCHED$/),
      'bring it back',
      'check by hand.',
    ]);
  });

  it('turn a warning that was not there when the gate opened into a block, unless it leaves the proof whole', () => {
    const run = runIn('failover');
    const warn = (code: WarningCode, name: string): Finding => ({
      ...{ severity: 'warn', code, sequence: name, count: 1, message: `${code} on ${name}`, remedy: 'look' },
    });
    const standing = [warn('DATA_NOT_CHECKED', 'public.a')];
    run.setFindings('pages', standing);
    run.gate.noteWarnings(run.warnings());
    run.setFindings('pages', [
      ...standing,
      warn('DATA_NOT_CHECKED', 'public.b'),
      warn('BUFFER_REDUCED', 'public.b'),
    ]);
    expect(run.findings().map(({ severity, code, sequence }) => [severity, code, sequence])).toEqual([
      ['block', 'DATA_NOT_CHECKED', 'public.b'],
      ['warn', 'BUFFER_REDUCED', 'public.b'],
      ['warn', 'DATA_NOT_CHECKED', 'public.a'],
    ]);
    expect(run.blocks()).toEqual([{ code: 'DATA_NOT_CHECKED', sequence: 'public.b', count: 1 }]);
    expect(run.findings()[0]?.remedy).toBe('look; then signal resynchronize');
  });

  it('end a remedy that is a sentence, or a statement, once', () => {
    const run = runIn('failover');
    const failed = (name: string, remedy: string): Finding => ({
      ...{ severity: 'block', code: 'SETVAL_FAILED', sequence: name, count: 1, message: name },
      remedy,
    });
    run.setFindings('pages', [failed('a', 'Let it end.'), failed('b', 'GRANT UPDATE ON SEQUENCE b TO r;')]);
    expect(run.findings().map(({ remedy }) => remedy)).toEqual([
      'Let it end; then signal resynchronize',
      'GRANT UPDATE ON SEQUENCE b TO r; then signal resynchronize',
    ]);
  });

  it('are the same block at every look as long as the slot is the same, whatever it has confirmed', () => {
    const run = runIn('failover');
    const blocksOf = (slot: string, confirmed: string) => {
      run.setFindings('replication', [notCaughtUp(slot, confirmed, '0/9', 'behind')]);
      return run.blocks();
    };
    const first = blocksOf('slot_a', '0/1');
    expect(first).toEqual([{ code: 'NOT_CAUGHT_UP', sequence: null, count: 1, subject: 'slot_a' }]);
    expect(blocksOf('slot_a', '0/2')).toEqual(first);
    expect(blocksOf('slot_b', '0/1')).not.toEqual(first);
    expect(Object.keys(run.status().findings[0] ?? {})).not.toContain('subject');
  });

  it('tell sequences behind one folded block from others', () => {
    const run = runIn('failover');
    const blocksOf = (from: number) => {
      const names = Array.from({ length: 260 }, (_, index) => `public.s${String(from + index)}`);
      run.setFindings(
        'pages',
        names.map((name) => missingOnStandby(name, [], { statements: ['CREATE SEQUENCE s;'] })),
      );
      return run.blocks();
    };
    const first = blocksOf(1);
    expect(first).toMatchObject([{ code: 'MISSING_ON_STANDBY', sequence: null, count: 260 }]);
    expect(blocksOf(1)).toEqual(first);
    expect(blocksOf(2)).not.toEqual(first);
  });
});

it('keeps through a recheck what only a round, or the check of both servers, finds again', () => {
  const run = runIn('failover');
  const block = (name: string): Finding => ({
    ...{ severity: 'block', code: 'SETVAL_FAILED', sequence: name, count: 1, message: name, remedy: 'look' },
  });
  const kept = ['readiness', 'pages', 'replication', 'subscriptions', 'handoff', 'ledger', 'record'] as const;
  const cleared = ['watch', 'top-up', 'own-rows', 'standby', 'consumption'] as const;
  for (const source of [...kept, ...cleared]) run.setFindings(source, [block(source)]);
  run.clearFindings();
  expect(run.blocks().map(({ sequence }) => sequence)).toEqual([...kept].sort());
  for (const source of cleared) expect(run.findingsOf(source)).toEqual([]);
});

it('is verified as long as nothing stands that is not ahead, whichever recheck found or cured it', () => {
  const run = runIn('failover');
  const verified = () => run.status().checklist.find(({ item }) => item.startsWith('Verify'))?.done;
  run.setFindings('pages', [notAhead('public.a', -3n, 10n)]);
  run.checkVerified();
  expect(verified()).toBe(false);
  run.setFindings('pages', []);
  run.checkVerified();
  expect(verified()).toBe(true);
  run.setFindings('top-up', [notAhead('public.b', -3n, 10n)]);
  run.checkVerified();
  expect(verified()).toBe(false);
});

it('the details for the UI count in the words of the command, and give a time only to what is done', () => {
  const run = runIn('failover');
  run.check('synchronize');
  run.check('verify');
  run.setFindings('pages', [
    missingOnStandby(sequence.sequence, [], { statements: ['CREATE SEQUENCE s CACHE 1;'] }),
  ]);
  const lines = toMarkdown(run).split('\n');
  expect(lines).toContain('- ☐ Verify that all sequences are ahead of the primary');
  expect(lines).toContainEqual(expect.stringMatching(/^- ☑ Synchronize the sequences \(\d{4}-.*Z\)$/u));
  expect(lines).toContain('0 sequences: 0 set, 0 ahead already, 0 skipped, 0 failed');
});

it('the details for the UI have the messages of findings as code, in which the UI changes no character', () => {
  const run = runIn('failover');
  run.setFindings('pages', [notAhead('public."Odd <b>"', -3n, 10n)]);
  expect(toMarkdown(run)).toMatch(/^- \*\*block NOT_AHEAD\*\*: `public\."Odd <b>" [^`]*` → `/mu);
});
