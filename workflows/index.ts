export { fleetFailover } from './fleet-failover.js';
export { pairLock } from './pair-lock.js';
export { sequenceFailover } from './sequence-failover.js';
export { synchronizePage } from './synchronize-page.js';
