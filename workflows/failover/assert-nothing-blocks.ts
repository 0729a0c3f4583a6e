import { cut } from '../../src/contract/parsing/text.js';
import type { FailureType } from '../../src/contract/failures.js';
import { findingsText } from '../../src/findings/findings-text.js';
import { runFailure } from '../ending.js';
import type { Run } from './run.js';

/** The details of a failure have all findings; its message has as many as a person reads. */
const MESSAGE_AT_MOST = 3_000;

/** @throws the failure of this type, which names every finding that blocks, with its remedy */
export function assertNothingBlocks(run: Run, type: FailureType): void {
  const blocks = run.findings().filter(({ severity }) => severity === 'block');
  if (blocks.length === 0) return;
  throw runFailure(type, cut(findingsText(blocks), MESSAGE_AT_MOST));
}
