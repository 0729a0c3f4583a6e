import type { Command } from 'commander';
import { describeDemo } from '../../demo/describe-demo.js';
import type { DemoOptions } from '../../demo/run-demo.js';

export function addDemo(program: Command): void {
  describeDemo(program.command('demo')).action(async (options: DemoOptions) => {
    // Only this command loads the local servers.
    const { runDemo } = await import('../../demo/run-demo.js');
    await runDemo(options, `${program.name()} demo`);
  });
}
