import type { Client } from '@temporalio/client';
import type { Decision } from '../../client/failover-run.js';
import type { Addressed } from '../../client/fleet-run.js';
import type { Accepting } from '../../terminal/approval-lines.js';
import type { AddressingOptions } from '../addressed.js';
import type { Place } from '../temporal-client.js';
import type { TimeLimit } from '../time-limit.js';

/** The options of `sequence-failover approve`. */
export interface ApproveOptions extends Accepting, AddressingOptions {
  by: string;
  reason?: string;
  signal?: true;
  yes?: true;
  wait: boolean;
  timeout?: string;
  showTemporal?: true;
}

/** The arguments of an approval of a run or a fleet. */
export interface Approving {
  client: Client;
  place: Place;
  options: ApproveOptions;
  limit: TimeLimit;
  decision: Decision & Addressed;
}
