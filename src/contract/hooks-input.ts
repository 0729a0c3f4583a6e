import { duration, milliseconds } from './parsing/duration.js';
import { jsonValue, object, taskQueueName, temporalName } from './parsing/fields.js';

/** The largest input for a hook, in bytes of JSON. Each run of a fleet carries a copy. */
const INPUT_AT_MOST = 100_000;

const HOOK = '{"workflowType": "freezeDeployments", "taskQueue": "operations"}';

/** The proof grows older while a hook runs. */
const LONGEST = { ms: 3_600_000, text: '1 hour' };

/** A workflow of the operator's that a run starts and waits for. Its ID is the run's, with the name of the hook. */
const hook = object(
  {
    workflowType: temporalName('the type of your workflow'),
    taskQueue: taskQueueName('the task queue of your workflow'),
    input: jsonValue(INPUT_AT_MOST).optional(),
    timeout: duration('5 minutes', 1000, '1 second', LONGEST).default('5 minutes'),
  },
  `an object such as ${HOOK}`,
).transform((value) => ({ ...value, timeoutMs: milliseconds(value.timeout) }));

/** The workflows of the operator's that take part in a failover. */
export const hooks = object({ beforeHandoff: hook }, `an object such as {"beforeHandoff": ${HOOK}}`);
