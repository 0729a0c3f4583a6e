import { shellQuoted } from '../../contract/shell.js';
import { type AnyFinding, blocksHeight, findingsWithin } from '../findings-lines.js';
import type { Canvas, ScreenParts } from './screen.js';

/** The findings as the body of a screen, below an empty line if there is room for it. */
export function findingsBody(
  findings: readonly AnyFinding[],
  workflowId: string,
  canvas: Pick<Canvas, 'colors' | 'width'>,
): ScreenParts['body'] {
  const needed = blocksHeight(findings, canvas);
  const whole = `sequence-failover status ${shellQuoted(workflowId)}`;
  return {
    needed,
    lines: (room) => {
      const gap = room > needed ? 1 : 0;
      const lines = findingsWithin(findings, canvas, { room: room - gap, whole });
      return lines.length === 0 || gap === 0 ? lines : ['', ...lines];
    },
  };
}
