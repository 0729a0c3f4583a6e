// Prints what came of the switches: node switches.js REPORT SWITCHES. Each line of the report is a switch whose checks have passed.
import process from 'node:process';
import { faultLines, readReport } from './report.js';

const [file = '', wanted = '0'] = process.argv.slice(2);
const switches = readReport(file);

const isPromoted = ({ switched, outageMs }) => switched?.[0] ?? outageMs !== undefined;
const promoted = switches.filter(isPromoted).length;
const outages = switches.flatMap(({ outageMs }) => outageMs ?? []).sort((a, b) => a - b);
const faults = switches.flatMap(({ struck }) => struck.map((one) => one.replace(/ at \d+ ms$/u, '')));

function whatWasSeen() {
  const last = switches.at(-1);
  if (last === undefined) return [];
  return last.rows === undefined
    ? ['no confirmed row lost, no key given twice, all pairs switched or none after each']
    : [`${last.rows} rows, none lost, no key given twice, the same rows on both sides after each`];
}

const lines = [
  `${switches.length} of ${wanted} switches: ${promoted} promoted, ${switches.length - promoted} undone`,
  ...whatWasSeen(),
  ...(outages.length === 0
    ? []
    : [
        `outage: median ${outages[Math.floor(outages.length / 2)]} ms, ${outages[0]} to ${outages.at(-1)} ms`,
      ]),
  ...faultLines(faults),
];
process.stdout.write(`\n${lines.join('\n')}\n`);
