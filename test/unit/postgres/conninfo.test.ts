import { expect, it } from 'vitest';
import { conninfo } from '../../../src/postgres/connection/conninfo.js';

const of = async (url: string, env: NodeJS.ProcessEnv = {}) =>
  (await conninfo('standby', url, { PGPASSFILE: '/nonexistent', ...env })).connection;

it('says what a URL says in keywords, and quotes what has to be', async () => {
  expect(await of(`postgresql://u%20v:p%27%5C%40@h:5433/a%20b?sslmode=require&application_name=x`)).toBe(
    String.raw`host='h' port='5433' dbname='a b' user='u v' password='p\'\\@' sslmode='require'`,
  );
});

it('takes the password from where the worker has it, and leaves it out where it has none', async () => {
  expect(await of('postgresql://u@h/d', { PGPASSWORD: 'secret' })).toContain("password='secret'");
  expect(await of('postgresql://u@h/d')).toBe("host='h' port='5432' dbname='d' user='u'");
});
