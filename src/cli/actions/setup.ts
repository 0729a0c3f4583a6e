import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { TASK_QUEUE, WORKFLOW_TYPES } from '../../contract/names.js';
import { durationMs } from '../../contract/parsing/duration.js';
import { SEARCH_ATTRIBUTES, SEARCHABLE, type Searchable } from '../../contract/search-attributes.js';
import { errorText } from '../../terminal/error-text.js';
import { readSearchAttributes, registerSearchAttributes } from '../../worker/search-attributes.js';
import { EXIT, UsageError } from '../exit-codes.js';
import type { Output } from '../output.js';
import type { InputOptions } from '../input-options.js';
import { pairOf, toInput } from '../run-input.js';
import { checkPair } from '../check-pair.js';
import { hasWorker } from '../note-missing-worker.js';
import { printable } from '../../contract/printable.js';
import { withClient } from '../temporal-client.js';
import { temporalCommand } from '../temporal-command.js';
import { shellQuoted } from '../../contract/shell.js';

interface SetupOptions extends InputOptions {
  schedule?: true;
  interval?: string;
  showTemporal?: true;
}

/** @throws UsageError for an option of the Schedule without a Schedule, which would be ignored */
function refuseUnused(given: SetupOptions): void {
  const unused = Object.keys(given).filter((name) => !['output', 'showTemporal'].includes(name));
  if (given.schedule || unused.length === 0) return;
  const options = unused.map(
    (name) => `--${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`,
  );
  throw new UsageError(`${options.join(', ')}: only with --schedule. Add it, or leave this out`);
}

export async function setup(output: Output, options: SetupOptions): Promise<number> {
  const { interval = '5 minutes' } = options;
  const everyMs = durationMs(interval);
  if (everyMs === null || everyMs < 10_000)
    throw new UsageError(
      `--interval: found ${interval}; expected a duration of at least 10 seconds, such as '5 minutes'`,
    );
  refuseUnused(options);
  const watch = { ifLocked: 'skip', requestedBy: 'watch' };
  const input = { ...watch, ...toInput('sync', options) };
  const scheduleId = `watch-${pairOf(input)}`;
  if (options.showTemporal) {
    output.command(temporalCommand.registerSearchAttributes(SEARCHABLE));
    if (options.schedule) output.command(temporalCommand.createSchedule(scheduleId, everyMs, input));
  }
  return withClient(async (client, { namespace }) => {
    if (options.schedule) await assertKnown(output, client, pairOf(input));
    const attributes = await register(client, namespace);
    const schedule = options.schedule
      ? await createOrUpdateSchedule(client, scheduleId, everyMs, input)
      : null;
    output.result(
      [
        attributes.failure ??
          `Search attributes: ${attributes.registered.length} registered now, ${attributes.before.length} were there`,
        ...(schedule === null
          ? []
          : [
              `Schedule ${scheduleId}: ${schedule}, every ${interval}. See it with: temporal schedule describe --schedule-id ${shellQuoted(scheduleId)}`,
            ]),
      ],
      {
        searchAttributes: attributes,
        schedule: schedule === null ? null : { scheduleId, [schedule]: true },
      },
    );
    return attributes.failure === null ? EXIT.done : EXIT.failed;
  });
}

/**
 * Nobody looks at the runs of a Schedule: each of them would fail, if no worker has the pair.
 *
 * @throws UsageError that names the pairs that there are
 */
async function assertKnown(output: Output, client: Client, pair: string): Promise<void> {
  const isThere = await hasWorker(client);
  if (isThere && (await checkPair(output, client, pair)) !== null) return;
  const why = isThere ? 'The check of the pair has taken too long' : 'No worker has answered';
  output.note(
    `${why}, so it is not known whether there is a pair ${printable(pair)}. See whether the watch works, while a worker runs: sequence-failover check --pair ${printable(shellQuoted(pair))}`,
  );
}

interface Registration {
  registered: string[];
  before: string[];
  /** With the next step; null if all of them exist. */
  failure: string | null;
}

async function register(client: Client, namespace: string): Promise<Registration> {
  const names = (which: readonly Searchable[]) => which.map((one) => SEARCH_ATTRIBUTES[one]);
  try {
    const { present, missing, otherType } = await readSearchAttributes(client.connection, namespace);
    if (missing.length > 0) await registerSearchAttributes(client.connection, namespace, missing);
    const [wrong] = names(otherType);
    return {
      ...{ registered: names(missing), before: names(present) },
      failure:
        wrong === undefined
          ? null
          : `${wrong} is registered with another type than Keyword. Remove it, and repeat: temporal operator search-attribute remove --name ${wrong} --yes`,
    };
  } catch (error) {
    return {
      ...{ registered: [], before: [] },
      failure:
        `The search attributes could not be registered: ${errorText(error)}. Runs work without them. Whoever operates the server registers ` +
        `them with: ${temporalCommand.registerSearchAttributes(SEARCHABLE)}; on Temporal Cloud, in the settings of the namespace.`,
    };
  }
}

async function createOrUpdateSchedule(
  client: Client,
  scheduleId: string,
  everyMs: number,
  input: object,
): Promise<'created' | 'updated'> {
  const spec = { intervals: [{ every: everyMs }] };
  const startRun = {
    ...{ type: 'startWorkflow' as const, workflowType: WORKFLOW_TYPES.run, taskQueue: TASK_QUEUE },
    ...{ workflowId: scheduleId, args: [input] },
  };
  const policies = { overlap: ScheduleOverlapPolicy.SKIP };
  try {
    await client.schedule.create({ scheduleId, spec, action: startRun, policies });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  // A Schedule that somebody has paused stays paused.
  await client.schedule.getHandle(scheduleId).update((before) => ({
    ...before,
    spec,
    action: startRun,
    policies: { ...before.policies, ...policies },
  }));
  return 'updated';
}
