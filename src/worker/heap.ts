import { setFlagsFromString } from 'node:v8';

/**
 * For the command line of Node.js, where alone it can be said: the room for young objects, in MiB. The rows of a page live for the length of
 * its step; with V8's 16 MiB they are copied time and again, which takes a tenth more of processor time.
 */
export const nodeOptions = ['--max-semi-space-size=32'];

/** How much the heap may grow, in percent of what was in use after the last collection, before the next one. */
const GROWTH = 60;

/**
 * Collects the garbage of the pages sooner. V8 lets a heap grow to some four times of what is in use; with 100,000 sequences that
 * took 660 MiB, and 370 MiB this way, for a tenth more of processor time. Before the heap has grown, and for the thread of the
 * workflows too.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
