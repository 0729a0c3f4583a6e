import type { Phase } from '../contract/status.js';

const words: Record<Phase, string> = {
  checking: 'Checking that both sides are ready',
  synchronizing: 'Setting the sequences of the standby',
  verifying: 'Verifying that the standby is ahead',
  recording: 'Recording the buffer that was used',
  'awaiting-approval': 'Waiting at the gate',
  'handing-off': 'Handing off',
  done: 'Ended',
};

/** What a run does in the phase. */
export function phaseInWords(phase: Phase): string {
  return words[phase];
}
