/**
 * The rooms of the project and what each may import; docs/explanation/architecture.md shows them as a picture. Every import of another
 * room that is not listed is refused by lint, and test/lint/rooms.test.ts sees it refused.
 *
 * @type {Record<string, string[]>}
 */
export const rooms = {
  'src/sequences': [],
  'src/hash': [],
  'src/concurrency': [],
  'src/temporal': [],
  'src/contract': ['src/sequences'],
  'src/steps': ['src/contract', 'src/sequences'],
  'src/findings': ['src/steps', 'src/contract', 'src/sequences'],
  'src/planning': ['src/findings', 'src/steps', 'src/contract', 'src/sequences', 'src/concurrency'],
  'src/record': [
    ...[
      'src/planning',
      'src/findings',
      'src/hash',
      'src/temporal',
      'src/steps',
      'src/contract',
      'src/sequences',
    ],
  ],
  'src/report': [
    ...['src/record', 'src/hash', 'src/terminal'],
    ...['src/findings', 'src/steps', 'src/contract', 'src/sequences'],
  ],
  'src/postgres': ['src/steps', 'src/contract', 'src/sequences', 'src/concurrency'],
  'src/ledger': ['src/postgres', 'src/steps', 'src/contract', 'src/sequences'],
  'src/notification': ['src/contract'],
  'src/tracing': ['src/config'],
  'src/config': ['src/postgres', 'src/contract', 'src/sequences'],
  workflows: [
    'src/planning',
    'src/findings',
    'src/steps',
    'src/contract',
    'src/sequences',
    'src/concurrency',
  ],
  activities: [
    ...['src/planning', 'src/findings', 'src/steps', 'src/contract', 'src/sequences', 'src/concurrency'],
    ...['src/postgres', 'src/ledger', 'src/config', 'src/notification', 'src/record', 'src/hash'],
    'src/temporal',
  ],
  'src/worker': [
    'activities',
    'workflows',
    'src/config',
    'src/tracing',
    'src/temporal',
    'src/ledger',
    'src/postgres',
    'src/notification',
    'src/contract',
    'src/concurrency',
  ],
  'src/client': ['src/temporal', 'src/contract', 'src/concurrency'],
  'src/terminal': ['src/findings', 'src/contract', 'src/sequences'],
  'src/cli': [
    ...['src/client', 'src/terminal', 'src/worker', 'src/config', 'src/record', 'src/report'],
    ...['src/tracing', 'src/temporal', 'src/findings'],
    ...['src/sequences', 'src/contract', 'src/concurrency', 'src/demo'],
  ],
  'src/codec-server': ['src/worker', 'src/config', 'src/contract'],
  'src/local': ['src/worker', 'src/temporal', 'src/contract'],
  'src/demo': ['src/client', 'src/terminal', 'src/local', 'src/contract', 'src/record'],
  bench: ['src/local', 'src/worker', 'src/contract', 'src/record', 'src/steps'],
};

/** Rooms within a room: the same, among themselves. */
export const innerRooms = {
  'src/planning/remedies': [],
  'src/planning/sequence': ['src/planning/remedies'],
  'src/planning/pair': ['src/planning/remedies'],
  'src/planning/promotion': ['src/planning/pair', 'src/planning/sequence', 'src/planning/remedies'],
  'src/planning/rows': ['src/planning/sequence', 'src/planning/remedies'],
  'src/planning/notification': [],
  'src/postgres/failures': [],
  'src/postgres/connection': ['src/postgres/failures'],
  'src/postgres/session': ['src/postgres/connection', 'src/postgres/failures'],
  'src/postgres/sequences': ['src/postgres/session', 'src/postgres/failures'],
  'src/postgres/replication': ['src/postgres/session', 'src/postgres/failures'],
  'src/postgres/promotion': [
    ...['src/postgres/session', 'src/postgres/failures', 'src/postgres/replication'],
  ],
  'src/postgres/server': [
    ...['src/postgres/session', 'src/postgres/failures'],
    ...['src/postgres/sequences', 'src/postgres/replication'],
  ],
  'workflows/pages': [],
  'workflows/failover': ['workflows/pages'],
  'workflows/fleet': ['workflows/failover'],
  'workflows/promotion': ['workflows/failover', 'workflows/pages'],
  'workflows/promotion-fleet': ['workflows/promotion', 'workflows/fleet'],
};
