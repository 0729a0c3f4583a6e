import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import { artifacts, assertBuilt } from '../../src/worker/artifacts.js';
import type { History, HistoryEvent } from '../e2e/stage/workflow-run.js';
import { historyFromJson } from './history-from-json.js';
import { folder, recordingNames, recordings, type Recording, type RecordingName } from './recordings.js';

// What the recorded runs warned of is their own business.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { forward: {} } } });
assertBuilt();

function load(name: RecordingName): History {
  return JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as History;
}

/** With the code that a worker would run, as `npm run build` made it. */
function replay(history: History): Promise<void> {
  return Worker.runReplayHistory(
    {
      workflowBundle: { codePath: artifacts.workflowBundle },
      dataConverter: { payloadConverterPath: artifacts.payloadConverter },
    },
    historyFromJson(history),
    // The IDs of a run's children follow from its own.
    (attributesOf(history, 'workflowExecutionStarted') as { workflowId: string }).workflowId,
  );
}

/** The attributes of the first event of its type, such as `activityTaskScheduled`. */
function attributesOf({ events }: History, type: string): unknown {
  const key = `${type}EventAttributes`;
  const event = events.find((one) => key in one);
  if (event === undefined) throw new Error(`the history has no event with ${key}`);
  return event[key];
}

it('has a history for every ending, and none besides', () => {
  expect(readdirSync(folder).sort()).toEqual(recordingNames.map((name) => `${name}.json`).sort());
});

describe.each(recordingNames)('the history %s', (name) => {
  const { workflowType, closed, failure }: Recording = recordings[name];

  it('is what its name says', () => {
    const history = load(name);
    expect(attributesOf(history, 'workflowExecutionStarted')).toMatchObject({
      workflowType: { name: workflowType },
    });
    const closing = history.events.at(-1);
    expect(closing?.eventType).toBe(`EVENT_TYPE_WORKFLOW_EXECUTION_${closed}`);
    if (failure !== undefined) {
      expect(closing).toMatchObject({
        workflowExecutionFailedEventAttributes: { failure: { applicationFailureInfo: { type: failure } } },
      });
    }
  });

  it('replays with the present code', async () => {
    await replay(load(name));
  });
});

describe('a history that the code could not have made', () => {
  it('with another activity does not replay', async () => {
    const history = load('synchronized');
    const scheduled = attributesOf(history, 'activityTaskScheduled') as { activityType: { name: string } };
    scheduled.activityType.name = 'dropAllTables';
    await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
  });

  it('with another ending does not replay', async () => {
    const history = load('handed-off');
    const rejected = load('rejected').events.at(-1) as HistoryEvent;
    const closing = history.events.at(-1) as HistoryEvent;
    history.events[history.events.length - 1] = { ...rejected, eventId: closing.eventId };
    await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
  });
});
