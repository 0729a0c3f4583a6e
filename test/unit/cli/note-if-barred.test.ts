import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { noteIfBarred } from '../../../src/cli/note-if-barred.js';

it.each([
  ['alice', { from: ['bob', 'sre-*'], except: null }, '"alice" may not approve: approval.from names'],
  ['Bob', { from: ['bob', 'sre-*'], except: null }, null],
  ['SRE-eve', { from: ['bob', 'sre-*'], except: null }, null],
  ['alice', { from: null, except: 'Alice' }, '"alice" asked for this failover and may not approve it'],
  ['bob', { from: null, except: 'Alice' }, null],
  ['bob', undefined, null],
] as const)('%s is told before the confirmation whether the approval will be refused', (by, shown, told) => {
  const notes: string[] = [];
  const output = { colors: picocolors.createColors(false), note: (text: string) => notes.push(text) };
  const approvers = shown && { from: shown.from && [...shown.from], except: shown.except };
  noteIfBarred(output, approvers === undefined ? {} : { approvers }, by);
  expect(notes).toEqual(
    told === null ? [] : [expect.stringContaining(`It will be refused: ${told}`) as string],
  );
});
