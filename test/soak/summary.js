// Prints what came of the schedules of faults: node summary.js REPORT SEEDS. Each line of the report is a schedule whose test has passed.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [file = '', seeds = '0'] = process.argv.slice(2);
const schedules = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));

const counts = new Map();
for (const fault of schedules.flatMap(({ faults }) => faults))
  counts.set(fault, (counts.get(fault) ?? 0) + 1);
const looks = schedules.reduce((total, schedule) => total + schedule.looks, 0);

const lines = [
  `${schedules.length} of ${seeds} schedules completed with every sequence ahead; the standby was read ${looks} times meanwhile, and no value was lowered`,
  ...[...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([fault, count]) => `${String(count).padStart(8)}  ${fault}`),
];
process.stdout.write(`\n${lines.join('\n')}\n`);
