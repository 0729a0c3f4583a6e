import { describeServer } from '../contract/describe-server.js';
import type { FencePolicy, PromotionInput } from '../contract/promotion-input.js';
import type { Server } from '../contract/status.js';
import { labelled } from './labelled.js';

/** The servers of a pair, as the worker has read them; null for one that it could not reach. */
export interface ServersOfPair {
  pair: string;
  primary: Server | null;
  standby: Server | null;
}

/** The fields of the input of a promotion, or of a fleet of promotions, that say what it does to whom. */
export type PreviewedInput = Pick<PromotionInput, 'outageBudget'> &
  Partial<Pick<PromotionInput, 'fence' | 'failback' | 'traffic' | 'beforeSwitch'>>;

/** Everything that a person confirms before a promotion starts: the servers, the fence, the longest outage, and what follows. */
export function promotionPreview(servers: readonly ServersOfPair[], input: PreviewedInput): string[] {
  const { outageBudget, fence, failback, traffic, beforeSwitch } = input;
  const several = servers.length > 1;
  return [
    ...servers.flatMap(({ pair, primary, standby }) => [
      ...(several ? labelled('pair', pair) : []),
      ...labelled('primary', `${serverText(primary)}; will be fenced`),
      ...labelled('standby', `${serverText(standby)}; will take the writes`),
    ]),
    ...labelled('fence', fence === undefined ? null : fenceText(fence)),
    ...labelled('outage', `at most ${outageBudget}, or everything is undone`),
    ...labelled('veto', beforeSwitch?.workflowType ?? null),
    ...labelled('traffic', traffic === undefined ? null : trafficText(traffic)),
    ...labelled(
      'way back',
      failback === undefined ? null : failback ? 'the old primary receives from the new one' : 'none',
    ),
  ];
}

const serverText = (server: Server | null) => (server === null ? 'not known' : describeServer(server));

function fenceText(fence: FencePolicy): string {
  const excepted = fence.except.length === 0 ? '' : `, except for ${fence.except.join(', ')}`;
  switch (fence.kind) {
    case 'read-only':
      return `read-only: sessions are ended, and new ones cannot write${excepted}`;
    case 'no-connections':
      return `no-connections: sessions are ended, and applications cannot connect${excepted}`;
    case 'workflow':
      return `the workflow ${fence.workflow.workflowType}`;
  }
}

function trafficText(traffic: PromotionInput['traffic']): string {
  if (traffic === null) return 'you move the clients yourself, as soon as the standby is open';
  return 'http' in traffic
    ? `${traffic.http.method} ${traffic.http.url}`
    : `the workflow ${traffic.workflowType}`;
}
