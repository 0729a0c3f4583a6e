import { Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import { sdkLogger } from './log.js';

/** Once a process, before the first connection: sends all that the SDK logs, its native part included, to `log`. */
export function installRuntime(log: Logger): void {
  const verbose = log.level === 'debug' || log.level === 'trace';
  Runtime.install({
    logger: sdkLogger(log),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: verbose ? 'DEBUG' : 'WARN', other: 'ERROR' } },
    },
  });
}
