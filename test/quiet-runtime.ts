import { DefaultLogger, Runtime } from '@temporalio/worker';

// A process has one runtime, and test files share a process. The start and end of workers, and what replayed runs warned of, would hide the
// output of the tests.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { forward: {} } } });
