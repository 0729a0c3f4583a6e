import { expect, it } from 'vitest';
import { findingsText } from '../../../src/findings/findings-text.js';
import { failureLines } from '../../../src/terminal/failure-lines.js';
import { finding } from './statuses.js';

const grants = ['public.a', 'public.b'].map((sequence) =>
  finding('NO_UPDATE_PRIVILEGE', sequence, {
    remedy: `on the standby: GRANT UPDATE ON SEQUENCE ${sequence} TO r;`,
  }),
);

it('leaves out the findings that are shown below the message, and keeps what became of the promotion', () => {
  const message = `${findingsText(grants)} undone: fence, wayBack`;
  expect(failureLines(message, grants, 80)).toEqual(['undone: fence, wayBack']);
  expect(failureLines(findingsText(grants), grants, 80)).toEqual([]);
});

it('leaves a command on a line of its own, so that it can be copied', () => {
  const command = `sequence-failover start --workflow-id w --input '{"primary": "lost"}'`;
  expect(failureLines(`it is gone; start a run: ${command}; otherwise fix the cause`, [], 20)).toEqual([
    ...['it is gone; start a', 'run:'],
    `  ${command}`,
    ...['otherwise fix the', 'cause'],
  ]);
});

it('keeps every other message whole, one line below the other and wrapped', () => {
  expect(failureLines('a step\u001b failed\nfor a long reason', grants, 12)).toEqual([
    ...['a step\\u{1b}', 'failed', 'for a long', 'reason'],
  ]);
});
