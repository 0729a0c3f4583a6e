import { WORKFLOW_TYPES } from '../../contract/names.js';
import type { Finding } from '../../contract/status.js';
import { bySeverity } from '../../contract/finding-properties.js';
import { earliest } from '../../contract/combine.js';
import { sumOfCounts } from '../../contract/counts.js';
import { secondsBetween } from '../../sequences/time-text.js';
import { byTime, sortable } from '../event-time.js';
import {
  attributesOf,
  decodePayload,
  type EncodedPayload,
  firstPayload,
  type HistoryEvent,
} from '../history-json.js';
import { type RunHistories, typeOf } from '../read-run.js';
import { stepsOf } from '../steps.js';
import { type ChildReport, FollowedRun } from './follow-run.js';
import type { Known, KnownFinding } from './known.js';
import type { Carried } from './run-knowledge.js';

/**
 * What a run, or a fleet, knew at each of these moments, from its histories alone. A fleet knows what the runs of its pairs do.
 *
 * @param moments ISO 8601, in UTC
 * @returns null for each moment of a workflow of another type, and of a fleet if the history of a pair is missing
 */
export function knownAt(histories: RunHistories, moments: readonly string[]): (Known | null)[] {
  const type = typeOf(histories.chain[0] ?? { events: [] });
  if (type === WORKFLOW_TYPES.run) return knownToRun(histories, moments);
  if (type !== WORKFLOW_TYPES.fleet || histories.missing.length > 0) return moments.map(() => null);
  const members = histories.members.map((member) => ({
    pair: pairOf(member),
    known: knownToRun(member, moments),
  }));
  return moments.map((at, index) =>
    knownToFleet(
      at,
      members.flatMap(({ pair, known }) => {
        const one = known[index];
        return one === undefined ? [] : [{ pair, known: one }];
      }),
    ),
  );
}

function knownToRun(histories: RunHistories, moments: readonly string[]): Known[] {
  const { chain } = histories;
  const [first] = chain;
  const input = inputOf(first?.events[0]);
  const run = new FollowedRun(
    input['primary'] === 'lost',
    chain.some(({ events }) => events.some(warnsOfNews)),
  );
  const carried = carriedBy(first?.events[0]);
  if (carried !== null) run.carry(carried);
  const happened = happeningsOf(histories, run);
  const order = moments.map((at, index) => ({ at, index })).sort(byTime);
  const known: Known[] = [];
  let next = 0;
  let state: State | null = null;
  for (const { at, index } of order) {
    for (; next < happened.length && isBefore(happened[next]?.at ?? '', at); next++) {
      happened[next]?.apply();
      state = null;
    }
    // A flood of messages finds the run in the same state.
    state ??= stateOf(run);
    known[index] = { ...state, proofAgeSeconds: ageOf(state.verifiedAt, at) };
  }
  return known;
}

type State = Omit<Known, 'proofAgeSeconds'>;

interface Happening {
  at: string;
  apply: () => void;
}

function happeningsOf({ chain, pages }: RunHistories, run: FollowedRun): Happening[] {
  const stepsOfPage = new Map(pages.map((page) => [`${page.workflowId}/${page.runId}`, page]));
  return chain
    .flatMap((history) => [
      ...stepsOf(history).flatMap((step): Happening[] =>
        step.endedAt === null
          ? []
          : [
              {
                at: step.endedAt,
                apply: () => {
                  run.stepEnded(step);
                },
              },
            ],
      ),
      ...history.events.flatMap((event): Happening[] => {
        const child = attributesOf<ChildEnded>(event, 'childWorkflowExecutionCompleted');
        const report = child && (firstPayload(child.result) as Omit<ChildReport, 'startedBy'> | null);
        if (report == null || !Array.isArray(report.findings)) return [];
        const { workflowId = '', runId = '' } = child?.workflowExecution ?? {};
        const page = stepsOfPage.get(`${workflowId}/${runId}`);
        const recorded = page === undefined ? null : stepsOf(page);
        return [
          {
            at: event.eventTime ?? '',
            apply: () => {
              run.pageEnded({ ...report, startedBy: Number(child?.initiatedEventId) }, recorded);
            },
          },
        ];
      }),
    ])
    .sort(byTime);
}

function stateOf(run: FollowedRun): State {
  const { minimumHeadroom, primaryReadAt, verifiedAt } = run.knowledge;
  const findings = byCode(run.knowledge.findings());
  return { counts: run.counts(), minimumHeadroom, findings, primaryReadAt, verifiedAt };
}

/** One entry for each severity and code, so that a flood of messages does not make a report of gigabytes. */
function byCode(findings: readonly (Finding | KnownFinding)[]): KnownFinding[] {
  const known = new Map<string, KnownFinding>();
  for (const { severity, code, sequence, count } of findings) {
    const before = known.get(`${severity} ${code}`);
    if (before === undefined) known.set(`${severity} ${code}`, { severity, code, sequence, count });
    else Object.assign(before, { sequence: null, count: before.count + count });
  }
  return [...known.values()].sort(bySeverity);
}

function knownToFleet(at: string, members: readonly { pair: string; known: Known }[]): Known {
  const counts = members.flatMap(({ known }) => (known.counts === null ? [] : [known.counts]));
  const rooms = members.flatMap(({ pair, known: { minimumHeadroom } }) =>
    minimumHeadroom === null ? [] : [{ ...minimumHeadroom, pair }],
  );
  rooms.sort((a, b) => (BigInt(a.calls) < BigInt(b.calls) ? -1 : BigInt(a.calls) > BigInt(b.calls) ? 1 : 0));
  const verifiedAt = earliest(members.map(({ known }) => known.verifiedAt));
  return {
    counts: counts.length === 0 ? null : sumOfCounts(counts),
    minimumHeadroom: rooms[0] ?? null,
    findings: byCode(members.flatMap(({ known }) => known.findings)),
    primaryReadAt: earliest(members.map(({ known }) => known.primaryReadAt)),
    ...{ verifiedAt, proofAgeSeconds: ageOf(verifiedAt, at) },
  };
}

/** A step that ended within the nanosecond counts: the message is read after it. */
const isBefore = (at: string, moment: string) => sortable(at) <= sortable(moment);

function ageOf(verifiedAt: string | null, at: string): number | null {
  return verifiedAt === null ? null : Number(secondsBetween(Date.parse(verifiedAt), Date.parse(at)));
}

const pairOf = ({ workflowId, chain }: RunHistories) =>
  (inputOf(chain[0]?.events[0])['pair'] as string | undefined) ?? workflowId;

function inputOf(event: HistoryEvent | undefined): Record<string, unknown> {
  const input = event && firstPayload(attributesOf<Started>(event, 'workflowExecutionStarted')?.input);
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
}

/** The memory of a run that was continued, whose first history is missing. */
function carriedBy(event: HistoryEvent | undefined): Carried | null {
  const started = event && attributesOf<Started>(event, 'workflowExecutionStarted');
  const payload = started?.input?.payloads?.[1];
  if (!started?.continuedExecutionRunId || payload === undefined) return null;
  const { memory } = (decodePayload(payload) ?? {}) as { memory?: Carried };
  return memory ?? null;
}

/** The mark of a release in which a warning that comes while a gate is open may block it. */
function warnsOfNews(event: HistoryEvent): boolean {
  const details = attributesOf<Marked>(event, 'markerRecorded')?.details;
  return Object.values(details ?? {}).some((one) => {
    const value = firstPayload(one) as { id?: unknown } | null;
    return value?.id === 'new-warnings-block';
  });
}

interface Started {
  input: { payloads?: EncodedPayload[] };
  continuedExecutionRunId: string;
}

interface Marked {
  details: Record<string, { payloads?: EncodedPayload[] }>;
}

interface ChildEnded {
  initiatedEventId: string;
  result: { payloads?: EncodedPayload[] };
  workflowExecution: { workflowId?: string; runId?: string };
}
