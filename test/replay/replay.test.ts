import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributesOf, type History, type HistoryEvent } from '../../src/record/history-json.js';
import { assertBuilt } from '../../src/worker/artifacts.js';
import { inputsOf, meaningOf, targetsOf } from './meaning.js';
import {
  loadMeanings,
  notRecordedYet,
  recordedHistories,
  recordingNames,
  recordings,
  type Recording,
  type RecordingName,
} from './recordings.js';
import { ITS_END, outgoingOf } from './outgoing.js';
import { Replayer } from './replay-history.js';

assertBuilt();

let replayer: Replayer;
let tracedReplayer: Replayer;
beforeAll(async () => {
  [replayer, tracedReplayer] = [await Replayer.start(), await Replayer.start(true)];
});
afterAll(async () => {
  await Promise.all([replayer.stop(), tracedReplayer.stop()]);
});

function load(id: string): History {
  const found = recordedHistories.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no history ${id}`);
  return found.load();
}

/** What a later version says otherwise on purpose at the end, by the history that shows it. */
const meantToDiffer: Record<string, object> = {
  // Counts cover the whole run: what an earlier round has set is not merely kept.
  '0.1.0/handed-off-after-resynchronization': {
    counts: { total: 3, applied: 3, kept: 0, skipped: 0, failed: 0 },
  },
  // READ_ONLY_DEFAULT is taken back, since the promotion has changed the default.
  'unreleased/promoted-back': { findings: [] },
};

/**
 * Texts that differ on purpose. In the histories of early builds of 0.1.0 a command has the workflow ID in double quotes, in which a shell
 * runs commands. A sequence that was behind was "-5 calls ahead".
 */
const reworded = (recorded: object): object =>
  JSON.parse(
    JSON.stringify(recorded)
      .replaceAll(/--workflow-id \\"([\w-]+)\\"/gu, '--workflow-id $1')
      .replaceAll(
        /is -(\d+ calls) ahead of the primary, at least (\d+) are needed/gu,
        'is $1 behind the primary; it has to be at least $2 ahead',
      ),
  ) as object;

/** The text of a failure may change like that of a finding; its type may not. */
function withoutText(recorded: object): object {
  const { outcome } = recorded as { outcome?: unknown };
  const [, type] = typeof outcome === 'string' ? (/^([A-Za-z]+): /u.exec(outcome) ?? []) : [];
  if (type === undefined) return recorded;
  return { ...recorded, outcome: expect.stringMatching(new RegExp(`^${type}: `, 'u')) as string };
}

/** Texts for people: they may change, and unit tests have them. */
const TEXTS: ReadonlySet<string> = new Set(['message', 'remedy', 'reason', 'text']);

/** The recorded value, in which any text may stand where one for people does. The type of a failure stays. */
function withAnyTexts(recorded: unknown): unknown {
  if (typeof recorded !== 'object' || recorded === null) return recorded;
  if (Array.isArray(recorded)) return recorded.map(withAnyTexts);
  return Object.fromEntries(
    Object.entries(recorded).map(([key, value]) => {
      if (typeof value !== 'string' || !TEXTS.has(key)) return [key, withAnyTexts(value)];
      const type = /^[A-Za-z]+(?=: )/u.exec(value)?.[0];
      const isEnding = 'state' in recorded && type !== undefined;
      return [key, isEnding ? expect.stringMatching(new RegExp(`^${type}: `, 'u')) : expect.any(String)];
    }),
  );
}

it('has a history for every ending, and none besides', () => {
  const recorded = new Set(recordedHistories.map(({ name }) => name));
  expect([...recorded].filter((name) => !(name in recordings))).toEqual([]);
  expect(recordingNames.filter((name) => !recorded.has(name))).toEqual(notRecordedYet);
});

describe.each(recordedHistories)('the history $id', ({ id, release, name }) => {
  const { workflowType, closed, failure }: Recording = recordings[name as RecordingName];

  it('is what its name says', () => {
    const { events } = load(id);
    const [first] = events;
    expect(first && attributesOf(first, 'workflowExecutionStarted')).toMatchObject({
      workflowType: { name: workflowType },
    });
    const closing = events.at(-1);
    expect(closing?.eventType).toBe(`EVENT_TYPE_WORKFLOW_EXECUTION_${closed}`);
    if (failure !== undefined) {
      expect(closing).toMatchObject({
        workflowExecutionFailedEventAttributes: { failure: { applicationFailureInfo: { type: failure } } },
      });
    }
  });

  it('means what it meant when it was recorded', () => {
    expect(meaningOf(load(id))).toEqual(loadMeanings(release)[name]);
  });

  it('has the targets that the present code computes from what was read', () => {
    const { recorded, computed } = targetsOf(load(id));
    expect(computed).toEqual(recorded);
  });

  it('replays with the present code, which tells the same to each step and to other workflows, and ends the same', async () => {
    const history = load(id);
    const made = await replayer.replay(history);
    for (const input of inputsOf(history, made))
      expect(input.made, input.activity).toMatchObject(withoutText(reworded(input.recorded as object)));
    for (const { to, recorded, made: present } of outgoingOf(history, made)) {
      const differs = to === ITS_END ? meantToDiffer[id] : {};
      expect(present, to).toMatchObject({ ...(withAnyTexts(recorded) as object), ...differs });
    }
  });
});

/** The longest history of each type of workflow. */
const ofEachType = [
  ...new Map(
    recordedHistories
      .map(({ id, name, load }) => ({ id, type: recordings[name as RecordingName].workflowType, load }))
      .map((one) => ({ ...one, events: one.load().events.length }))
      .sort((a, b) => a.events - b.events)
      .map((one) => [one.type, one] as const),
  ).values(),
];

it.each(ofEachType)('a worker with OpenTelemetry replays the history $id', async ({ load: read }) => {
  expect(await tracedReplayer.replay(read())).toEqual(await replayer.replay(read()));
});

describe('a history that the code could not have made', () => {
  it('with another activity does not replay', async () => {
    const history = load('0.1.0/synchronized');
    const scheduled = history.events
      .map((event) => attributesOf<{ activityType: { name: string } }>(event, 'activityTaskScheduled'))
      .find((attributes) => attributes !== undefined);
    if (scheduled?.activityType !== undefined) scheduled.activityType.name = 'dropAllTables';
    await expect(replayer.replay(history)).rejects.toThrow(DeterminismViolationError);
  });

  it('with another ending does not replay', async () => {
    const history = load('0.1.0/handed-off');
    const rejected = load('0.1.0/rejected').events.at(-1) as HistoryEvent;
    const closing = history.events.at(-1) as HistoryEvent;
    history.events[history.events.length - 1] = { ...rejected, eventId: closing.eventId };
    await expect(replayer.replay(history)).rejects.toThrow(DeterminismViolationError);
  });
});
