import { ConfigurationError } from '../../config/problems.js';
import { TASK_QUEUE } from '../../contract/names.js';
import { plural } from '../../contract/plural.js';
import { errorText } from '../../terminal/error-text.js';
import { configurationLines } from '../doctor/configuration-lines.js';
import { failure, type Line, printed, warning } from '../doctor/line.js';
import { temporalLines } from '../doctor/temporal-lines.js';
import { EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';
import { TemporalUnreachableError, withClient } from '../temporal-client.js';

export async function doctor(output: Output, { showTemporal }: { showTemporal?: true }): Promise<number> {
  if (showTemporal) {
    output.command('temporal operator cluster system');
    output.command('temporal operator namespace describe --namespace "${TEMPORAL_NAMESPACE:-default}"');
    output.command(`temporal task-queue describe --task-queue ${TASK_QUEUE}`);
    output.command('temporal operator search-attribute list');
  }
  const [here, there] = await Promise.all([
    configurationLines(process.env),
    withClient(temporalLines, { decodes: false }).catch(unreachable),
  ]);
  const lines = [...here, ...there];
  const failures = count(lines, 'failure');
  output.result([...printed(lines, output), '', summary(lines, output)], {
    ok: failures === 0,
    checks: lines,
  });
  return failures === 0 ? EXIT.done : EXIT.notReady;
}

const count = (lines: readonly Line[], state: Line['state']) =>
  lines.filter((line) => line.state === state).length;

function summary(lines: readonly Line[], { colors }: Output): string {
  const [failures, warnings] = [count(lines, 'failure'), count(lines, 'warning')];
  const numbers = `${failures === 0 ? 'no' : failures} ${failures === 1 ? 'failure' : 'failures'}, ${plural(warnings, 'warning')}`;
  if (failures > 0) return colors.red(`Not in place: ${numbers}`);
  return colors.green(warnings === 0 ? 'Everything that a run needs is in place' : `In place: ${numbers}`);
}

function unreachable(error: unknown): Line[] {
  // Its problems are among those of the configuration.
  if (error instanceof ConfigurationError)
    return [
      warning('Temporal', 'not checked, since its settings cannot be used', 'correct the settings above'),
    ];
  if (!(error instanceof TemporalUnreachableError)) return [failure('Temporal', errorText(error), '')];
  const { what, remedy, message } = error;
  // The part that can be copied is in the remedy, on its own.
  const why = errorText(error).slice(message.length);
  return [failure('Temporal', `${what}${why}`, remedy)];
}
