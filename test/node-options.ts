import { nodeOptions } from '../src/worker/heap.js';

/**
 * Node.js's options for the processes of the tests. These live for seconds. By default V8 would compile functions a second time, optimized,
 * although they are hardly called any more: a quarter of the processor time of a command, and a tenth of a worker's.
 */
export const shortLived = [...nodeOptions, '--interrupt-budget=4000000'];
