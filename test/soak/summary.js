// Prints what came of the schedules of faults: node summary.js REPORT SEEDS. Each line of the report is a schedule whose test has passed.
import process from 'node:process';
import { faultLines, readReport } from './report.js';

const [file = '', seeds = '0'] = process.argv.slice(2);
const schedules = readReport(file);
const looks = schedules.reduce((total, schedule) => total + schedule.looks, 0);

const lines = [
  `${schedules.length} of ${seeds} schedules completed with every sequence ahead; the standby was read ${looks} times meanwhile, and no value was lowered`,
  ...faultLines(schedules.flatMap(({ faults }) => faults)),
];
process.stdout.write(`\n${lines.join('\n')}\n`);
