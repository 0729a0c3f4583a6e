export { fleetFailover } from './fleet/fleet-failover.js';
export { promoteFleet } from './promotion-fleet/promote-fleet.js';
export { promoteStandby } from './promotion/promote-standby.js';
export { notification } from './failover/notification.js';
export { pairLock } from './failover/pair-lock.js';
export { sequenceFailover } from './failover/sequence-failover.js';
export { synchronizePage } from './pages/synchronize-page.js';
