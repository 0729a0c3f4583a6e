import { expect, it } from 'vitest';
import { phaseLines } from '../../../src/terminal/phase-lines.js';

const at = '2027-01-01T00:00:00.000Z';
const open = { ending: null, isOpen: true, findings: [], width: 80 };

it('says of a workflow without an ending whether it still runs', () => {
  expect(phaseLines('Waiting at the gate', open)).toEqual(['phase      Waiting at the gate']);
  expect(phaseLines('Waiting at the gate', { ...open, isOpen: false })).toEqual([
    'phase      Terminated; its last phase: Waiting at the gate',
  ]);
});

it('leaves the findings that follow out of the message of a failure', () => {
  const finding = {
    ...{ severity: 'block' as const, code: 'FENCE_LEFT' as const, sequence: null, count: 1 },
    ...{ message: 'it is up', remedy: 'lift it' },
  };
  const ending = {
    state: 'failed' as const,
    message: 'NotReady: FENCE_LEFT: it is up; lift it\nnothing has to be undone',
    at,
  };
  expect(phaseLines('Ended', { ending, isOpen: false, findings: [finding], width: 80 })).toEqual([
    'phase      Ended, failed: NotReady',
    'nothing has to be undone',
  ]);
});
