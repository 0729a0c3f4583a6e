import { readValidSettings } from '../../config/configuration.js';
import { type Problem, Problems } from '../../config/problems.js';
import { plural } from '../../contract/plural.js';
import { inspectPairs } from '../../worker/inspect-pairs.js';
import { failure, type Line, ok, warning } from './line.js';

/** Checks the environment as a worker reads it, and the databases that it names, from this machine. A wrong setting does not stop the rest. */
export async function configurationLines(environment: NodeJS.ProcessEnv): Promise<Line[]> {
  const problems = new Problems();
  const configuration = readValidSettings(environment, problems);
  const names = configuration.pairs.pairNames();
  const found = await inspectPairs(configuration, environment);
  const isLedgerKnown = !problems
    .list()
    .some(({ setting }) => setting === 'LEDGER' || setting === 'LEDGER_URL');
  return [
    ...problemLines(problems.list()),
    ...(problems.list().length === 0
      ? [ok('configuration', `${plural(names.length, 'pair')}: ${names.join(', ')}`)]
      : []),
    ...found
      .filter(({ part }) => part !== 'ledger' || isLedgerKnown)
      .map(({ pair, part, ok: isOk, text, remedy }) => {
        const subject = names.length === 1 ? part : `${pair} ${part}`;
        return isOk ? ok(subject, text) : failure(subject, text, remedy);
      }),
  ];
}

function problemLines(problems: readonly Problem[]): Line[] {
  const others = problems.filter(({ code }) => code !== 'NO_PAIR');
  const unset =
    others.length < problems.length
      ? [
          warning(
            'configuration',
            'no pair is set here, so the databases were not checked from here',
            'let a worker check them: sequence-failover check; or set PRIMARY_URL and STANDBY_URL, or PAIRS_FILE, as the worker has them',
          ),
        ]
      : [];
  return [
    ...unset,
    ...others.map(({ setting, message }) =>
      failure(
        'configuration',
        `${setting}: ${message}`,
        `correct ${setting} here and where the workers run: docs/reference/environment.md`,
      ),
    ),
  ];
}
