import { expect, it } from 'vitest';
import { UnrecordedCommands } from '../../../src/worker/unrecorded-commands.js';

/** An activation and its commands: up to which event, by which jobs. */
interface Step {
  to: number;
  replay?: true;
  jobs?: object[];
  commands?: object[];
}

const signal = { signalWorkflow: { signalName: 'approve' } };
const done = { resolveActivity: { seq: 1 } };
const query: Step = { to: 0, replay: true, jobs: [{ queryWorkflow: { queryId: 'legacy_query' } }] };
const activity = { scheduleActivity: { seq: 2 } };
const start = { startTimer: { seq: 1 } };
const cancel = { cancelTimer: { seq: 1 } };

function run(steps: readonly Step[]): void {
  const unrecorded = new UnrecordedCommands();
  for (const { to, replay, jobs = [], commands = [] } of steps) {
    unrecorded.check({ jobs, historyLength: to, isReplaying: replay === true });
    unrecorded.note(jobs === query.jobs ? [{ respondToQuery: {} }] : commands);
  }
}

it.each<[string, Step[]]>([
  ['the first task', [{ to: 3, commands: [activity] }]],
  // 4 completed, 5 the activity scheduled, 6 and 7 started and completed, 8 and 9 of the next task
  [
    'tasks with all of their events',
    [
      { to: 3, commands: [activity] },
      { to: 9, jobs: [done] },
    ],
  ],
  [
    'the least number of events',
    [
      { to: 3, commands: [activity, start] },
      { to: 9, jobs: [signal] },
    ],
  ],
  [
    'a timer that had fired when it was cancelled',
    [
      { to: 3, jobs: [signal, { fireTimer: { seq: 1 } }], commands: [cancel, activity] },
      { to: 8, jobs: [signal] },
    ],
  ],
  [
    'a timer that is started and cancelled',
    [
      { to: 3, commands: [start, cancel] },
      { to: 6, jobs: [signal] },
    ],
  ],
  [
    'a task in two activations',
    [
      { to: 3, commands: [activity] },
      { to: 3, jobs: [done], commands: [activity] },
    ],
  ],
  // The SDK completes the task by itself, if there is nothing new in it: 6 started, 7 completed, 8 the activity, 9 and 10 of the next one
  [
    'events before their task, and then the task with nothing new',
    [
      { to: 3, replay: true },
      { to: 5, jobs: [done], commands: [activity] },
      query,
      { to: 11, jobs: [signal] },
    ],
  ],
  [
    'a replay',
    [
      { to: 3, replay: true, commands: [activity] },
      { to: 4, replay: true, jobs: [signal] },
    ],
  ],
  [
    'a query after a replay, which reads further',
    [
      { to: 3, replay: true, commands: [activity] },
      { to: 6, jobs: [signal] },
    ],
  ],
  ['a step without commands', [{ to: 3 }, { to: 5, jobs: [signal] }]],
])('lets a workflow go on after %s', (_, steps) => {
  expect(() => {
    run(steps);
  }).not.toThrow();
});

it.each<[string, Step[]]>([
  // 6 the signal, 7 timed out, 8 scheduled, 9 started
  [
    'a timeout of the other worker’s task',
    [{ to: 5, jobs: [done], commands: [activity] }, query, { to: 9, jobs: [signal] }],
  ],
  [
    'a task that had waited',
    [{ to: 5, jobs: [done], commands: [activity] }, query, { to: 7, jobs: [signal] }],
  ],
  [
    'a timer cancelled that had been started before',
    [{ to: 5, jobs: [signal], commands: [cancel, activity] }, query, { to: 9, jobs: [signal] }],
  ],
  [
    'a task in two activations',
    [
      { to: 5, jobs: [done] },
      { to: 5, jobs: [done], commands: [activity] },
      query,
      { to: 9, jobs: [signal] },
    ],
  ],
])('makes the worker forget a workflow whose commands are not recorded: %s', (_, steps) => {
  expect(() => {
    run([{ to: 3, replay: true }, ...steps]);
  }).toThrow('ahead of its history');
});
