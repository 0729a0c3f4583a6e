import { setFlagsFromString } from 'node:v8';

/**
 * The size of V8's space for young objects, in MiB. It can only be set on Node's command line. The rows of a page live as
 * long as its step. With V8's default of 16 MiB they are copied repeatedly, which takes a tenth more of processor time.
 */
export const nodeOptions = ['--max-semi-space-size=32'];

/** By how much the heap may grow before the next collection, in percent of the memory in use after the last one. */
const GROWTH = 60;

/**
 * Makes V8 collect garbage sooner. By default V8 lets a heap grow to about four times the memory in use. With 100,000
 * sequences that took 660 MiB, and with this setting 370 MiB, for a tenth more of processor time. It has to be called before
 * the heap has grown, and also applies to the thread of the workflows.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
