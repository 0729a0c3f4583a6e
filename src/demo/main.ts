/** `npm run demo`, with options after `--`. */
import { Command } from 'commander';
import { describeDemo } from './describe-demo.js';
import { type DemoOptions, runDemo } from './run-demo.js';

const command = describeDemo(new Command('npm run demo --')).parse();
await runDemo(command.opts<DemoOptions>(), 'npm run demo --');
