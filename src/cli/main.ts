#!/usr/bin/env -S node --max-semi-space-size=32
/** The command `sequence-failover`. The Node.js option is the worker's, see src/worker/heap.ts. */
import { basename } from 'node:path';
import { endIfOutputCloses } from './closed-output.js';
import { createProgram } from './program.js';

/** As `temporal-sequences` on the PATH it is also the command `temporal sequences`. */
const name = basename(process.argv[1] ?? '').startsWith('temporal-sequences')
  ? 'temporal sequences'
  : 'sequence-failover';

endIfOutputCloses();
await createProgram(name).parseAsync();
