// Prints what came of the switches: node switches.js REPORT SWITCHES. Each line of the report is a switch whose checks have passed.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [file = '', wanted = '0'] = process.argv.slice(2);
const switches = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));

const isPromoted = ({ switched, outageMs }) => switched?.[0] ?? outageMs !== undefined;
const promoted = switches.filter(isPromoted).length;
const outages = switches.flatMap(({ outageMs }) => outageMs ?? []).sort((a, b) => a - b);
const counts = new Map();
for (const fault of switches.flatMap(({ struck }) => struck.map((one) => one.replace(/ at \d+ ms$/u, ''))))
  counts.set(fault, (counts.get(fault) ?? 0) + 1);

const lines = [
  `${switches.length} of ${wanted} switches: ${promoted} promoted, ${switches.length - promoted} undone`,
  ...(switches.at(-1)?.rows === undefined
    ? ['no confirmed row lost, no key given twice, all pairs switched or none after each']
    : [
        `${switches.at(-1).rows} rows, none lost, no key given twice, the same rows on both sides after each`,
      ]),
  ...(outages.length === 0
    ? []
    : [
        `outage: median ${outages[Math.floor(outages.length / 2)]} ms, ${outages[0]} to ${outages.at(-1)} ms`,
      ]),
  ...[...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([fault, count]) => `${String(count).padStart(8)}  ${fault}`),
];
process.stdout.write(`\n${lines.join('\n')}\n`);
