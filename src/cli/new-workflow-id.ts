import { pairOf } from './run-input.js';

/** For a run that nobody needs to find again: made of its mode, its pair and the time. */
export function newWorkflowId(mode: string, input: Record<string, unknown>): string {
  return `${mode}-${pairOf(input)}-${new Date().toISOString().replaceAll(/[:.]/gu, '-')}`;
}
