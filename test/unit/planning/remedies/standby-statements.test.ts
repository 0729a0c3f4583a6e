import { expect, it } from 'vitest';
import { createStatements } from '../../../../src/planning/remedies/standby-statements.js';

it('gives each privilege once, although the role of the worker has it on the primary, too', () => {
  const grants = ['runner', 'app'].map((grantee) => ({
    ...{ grantee, privileges: ['SELECT', 'UPDATE'], grantable: false },
  }));
  const { statements } = createStatements(
    {
      ...{ schema: 'public', name: 's', sequence: 'public.s', oid: 1 },
      ...{ increment: '1', min: '1', max: '9', cache: '1', last: '1', called: true },
    },
    {
      ...{ type: 'bigint', start: '1', ownedBy: null, owner: 'owner', grants },
      ...{ schemaOwner: null, schemaUsers: [], feeds: new Map() },
    },
    {
      ...{ role: 'runner', isSuperuser: false, schemas: new Map([['public', { usage: true }]]) },
      ...{ sequences: new Set(), roles: new Set(['owner', 'runner', 'app']), columns: new Map() },
    },
  );
  expect(statements.filter((statement) => statement.startsWith('GRANT'))).toEqual([
    expect.stringMatching(/^GRANT SELECT, UPDATE ON SEQUENCE .* TO runner;$/u),
    expect.stringMatching(/^GRANT SELECT, UPDATE ON SEQUENCE .* TO app;$/u),
  ]);
});
