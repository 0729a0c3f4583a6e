import { cut } from '../../src/contract/parsing/text.js';
import type { FailureType } from '../../src/contract/failures.js';
import { runFailure } from '../ending.js';
import type { Run } from './run.js';

/** The details of a failure have all findings; its message has as many as a person reads. */
const MESSAGE_AT_MOST = 3_000;

/** @throws the failure of this type, which names every finding that blocks, with its remedy */
export function assertNothingBlocks(run: Run, type: FailureType): void {
  const blocks = run.findings().filter(({ severity }) => severity === 'block');
  const [first] = blocks;
  if (first === undefined) return;
  const lines = blocks.map(({ code, message, remedy }) => `${code}: ${message}; ${remedy}`);
  const text = lines.length === 1 ? lines.join('') : `${lines.length} findings block:\n${lines.join('\n')}`;
  throw runFailure(type, cut(text, MESSAGE_AT_MOST));
}
