import { expect, it } from 'vitest';
import { missingSequencePrivileges } from '../../../../src/planning/promotion/sequence-privileges.js';

const lacking = (sequence: string, readable: boolean, schema = 'public') => ({
  ...{ schema, sequence: `${schema}.${sequence}`, role: 'runner', readable },
  grants: `GRANT ${readable ? 'UPDATE' : 'SELECT, UPDATE'} ON SEQUENCE ${schema}.${sequence} TO runner;`,
});
const many = Array.from({ length: 6 }, (_, at) => lacking(`s${String(at)}`, true, '"My app"'));

it('one finding has all sequences of the primary that only the way back sets; many grants of a schema are one', () => {
  expect(missingSequencePrivileges([lacking('a', true), ...many], [], true)).toEqual([
    {
      ...{ severity: 'block', code: 'PRIVILEGE_MISSING', sequence: null, count: 7 },
      message: `on the primary the worker's role may not set 7 sequences (public.a, "My app".s0, "My app".s1, "My app".s2, "My app".s3 and 2 more), which the way back needs`,
      remedy:
        'if no way back is needed, start again with "failback": false in the input of the promotion (of a run: in its handoff.input); otherwise, as a superuser on the primary: GRANT UPDATE ON SEQUENCE public.a TO runner; GRANT UPDATE ON ALL SEQUENCES IN SCHEMA "My app" TO runner;',
    },
  ]);
  expect(missingSequencePrivileges([lacking('a', true)], [], false)).toEqual([]);
});

it('grants in so many schemas that they are no remedy are made by a DO block', () => {
  const tenants = Array.from({ length: 10_000 }, (_, at) => lacking('ids', true, `tenant_${String(at)}`));
  const [finding] = missingSequencePrivileges(tenants, [], true);
  expect(finding).toMatchObject({ code: 'PRIVILEGE_MISSING', count: 10_000 });
  expect(finding?.remedy).toMatch(
    /; otherwise, as a superuser on the primary: DO \$grants\$ .*has_sequence_privilege\('runner', c\.oid, 'UPDATE'\).* END \$grants\$;$/u,
  );
  expect(finding?.remedy.length).toBeLessThan(1_000);
});

it('a sequence that cannot be read, or not set on the standby, is a block that names it', () => {
  const findings = missingSequencePrivileges(
    [lacking('a', false)],
    [lacking('b', true), lacking('c', false)],
    true,
  );
  expect(findings.map(({ code, sequence, severity }) => [severity, code, sequence])).toEqual([
    ['block', 'NO_READ_PRIVILEGE', 'public.a'],
    ['block', 'NO_READ_PRIVILEGE', 'public.c'],
    ['block', 'NO_UPDATE_PRIVILEGE', 'public.b'],
  ]);
});
