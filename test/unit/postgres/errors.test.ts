import { describe, expect, it } from 'vitest';
import { classify } from '../../../src/postgres/failures/classify.js';
import {
  ConnectionError,
  InvalidConnectionError,
  NoPasswordError,
  NotCommittedError,
  WrongServerError,
} from '../../../src/postgres/failures/errors.js';
import { noteLogin } from '../../../src/postgres/failures/login.js';
import { withRemedy } from '../../../src/postgres/failures/with-remedy.js';

const address = { host: 'db.example', port: 5432, database: 'app' };
const identity = { systemIdentifier: '7', databaseOid: '5', database: 'app' };

/** Messages of poolers, which say nothing about the server behind them. */
const ofPooler =
  /^(?:no such |password authentication failed|server login failed|unsupported startup|database "x" is disabled|no more connections allowed|query_wait_timeout|transaction blocks|MaxClients|Tenant)/u;

const sqlError = (code: string, message: string) =>
  Object.assign(new Error(message), { code, severity: 'ERROR' });
const nodeError = (code: string, message = `connect ${code}`) => Object.assign(new Error(message), { code });

describe('the remedy', () => {
  it.each([
    ['53400', 'temporary file size exceeds "temp_file_limit" (0kB)', /SET temp_file_limit = -1;/u],
    ['53400', 'all replication slots are in use', /pg_drop_replication_slot/u],
    [
      '57P05',
      'terminating connection due to idle-session timeout',
      /ALTER ROLE <role> RESET idle_session_timeout;/u,
    ],
    ['25P03', 'terminating connection', /ALTER ROLE <role> RESET idle_in_transaction_session_timeout;/u],
    ['25P04', 'terminating connection', /ALTER ROLE <role> RESET transaction_timeout;/u],
    ['P0001', 'outside of office hours', /ALTER EVENT TRIGGER <name> DISABLE;/u],
  ])('for %s fits the error: %s', (code, message, remedy) => {
    const error = sqlError(code, message);
    expect(classify(error).remedy).toMatch(remedy);
    expect(classify(new ConnectionError('standby', address, 'cannot be made', error)).remedy).toMatch(remedy);
  });
});

describe('the remedy of a login that is refused', () => {
  it.each([
    ['28000', 'InitializeSessionUserId', 'ALTER ROLE "Run ner" LOGIN;'],
    ['28000', 'ClientAuthentication', 'SHOW hba_file; and once it is changed: SELECT pg_reload_conf();'],
    ['28P01', 'auth_failed', `ALTER ROLE "Run ner" VALID UNTIL 'infinity';`],
    ['55000', 'CheckMyDatabase', 'ALTER DATABASE "My shop" ALLOW_CONNECTIONS true;'],
  ])('has the statement, and names the side: %s, %s', (code, routine, statement) => {
    const error = Object.assign(sqlError(code, 'verweigert'), { routine });
    noteLogin(error, { role: 'Run ner', database: 'My shop' });
    for (const side of ['primary', 'standby'] as const) {
      const { remedy } = classify(new ConnectionError(side, address, 'cannot be made', error));
      expect(remedy).toMatch(new RegExp(`, on the ${side}, .*: `, 'u'));
      expect(remedy).toContain(`: ${statement}`);
    }
  });

  it('has none for an error of a pooler, or of a statement', () => {
    for (const error of [sqlError('28P01', 'password authentication failed'), sqlError('55000', 'no')])
      expect(classify(error).remedy).not.toContain('ALTER');
  });
});

describe('classify', () => {
  it.each([
    ['08006', 'connection failure', true, 'connection'],
    ['08P01', 'server conn crashed?', true, 'connection'],
    ['08P01', 'no such database: x', false, 'connection'],
    ['08P01', 'no such user', false, 'connection'],
    ['08P01', 'password authentication failed', false, 'connection'],
    ['08P01', 'password authentication failed for user "x"', false, 'connection'],
    ['08P01', 'server login failed: wrong password type', false, 'connection'],
    ['08P01', 'unsupported startup parameter: options', false, 'connection'],
    ['08P01', 'database "x" is disabled', false, 'connection'],
    ['08P01', 'no more connections allowed (max_client_conn)', true, 'connection'],
    ['08P01', 'query_wait_timeout', true, 'connection'],
    ['08P01', 'transaction blocks not allowed in statement pooling mode', false, 'connection'],
    ['08P01', 'client_login_timeout (server down)', true, 'connection'],
    ['08P01', 'bouncer config error', true, 'connection'],
    ['57P01', 'terminating connection due to administrator command', true, 'connection'],
    ['57P02', 'terminating connection because of crash of another server process', true, 'connection'],
    ['57P03', 'the database system is starting up', true, 'connection'],
    ['57P04', 'database dropped', false, 'connection'],
    ['57P05', 'idle session timeout', true, 'connection'],
    ['25P03', 'idle-in-transaction timeout', true, 'connection'],
    ['25P04', 'transaction timeout', true, 'connection'],
    ['53300', 'sorry, too many clients already', true, 'connection'],
    ['53200', 'out of shared memory', true, 'connection'],
    ['53100', 'could not extend file: No space left on device', true, 'connection'],
    ['40001', 'could not serialize access', true, 'connection'],
    ['40P01', 'deadlock detected', true, 'connection'],
    ['55P03', 'canceling statement due to lock timeout', true, 'statement'],
    ['55006', 'object in use', true, 'statement'],
    ['57014', 'canceling statement due to statement timeout', true, 'statement'],
    ['XX000', 'tuple concurrently updated', true, 'statement'],
    ['XX000', 'MaxClientsInSessionMode: max clients reached', true, 'connection'],
    ['XX000', 'Tenant or user not found', false, 'connection'],
    ['XX000', 'could not open relation with OID 42', false, 'statement'],
    ['XX001', 'could not read block 0', false, 'statement'],
    ['58030', 'could not read file', false, 'statement'],
    ['25006', 'cannot execute setval() in a read-only transaction', false, 'connection'],
    ['0A000', 'cannot set transaction read-write mode during recovery', false, 'connection'],
    ['0A000', 'something else is not supported', false, 'statement'],
    ['28P01', 'password authentication failed', false, 'connection'],
    ['28000', 'no pg_hba.conf entry', false, 'connection'],
    ['3D000', 'database "x" does not exist', false, 'connection'],
    ['55000', 'database "x" is not currently accepting connections', false, 'connection'],
    ['55000', 'something else is not in its prerequisite state', false, 'statement'],
    ['3F000', 'schema "x" does not exist', false, 'statement'],
    ['42501', 'permission denied for sequence x', false, 'statement'],
    ['42P01', 'relation "x" does not exist', false, 'statement'],
    ['22003', 'setval: value 5 is out of bounds', false, 'statement'],
    ['25P02', 'current transaction is aborted', false, 'statement'],
    ['P0001', 'raised by a trigger', false, 'statement'],
  ] as const)('SQLSTATE %s, %s', (sqlstate, message, retryable, scope) => {
    const classified = classify(sqlError(sqlstate, message));
    expect(classified).toEqual({
      ...(/^(?:08P01|XX000)$/u.test(sqlstate) && ofPooler.test(message) && { isOfPooler: true }),
      retryable,
      scope,
      sqlstate,
      reason: `${message} (SQLSTATE ${sqlstate})`,
      remedy: expect.stringMatching(/^\p{Lu}.{20}/u) as unknown,
    });
  });

  it.each([
    ['FATAL: password authentication failed for user "x"', false],
    ['database "x" does not exist', false],
    ['no pg_hba.conf entry for host "1.2.3.4", user "x"', false],
    ['connect failed', true],
    ['server conn crashed?', true],
    ['the database system is starting up', true],
  ])('what PgBouncer remembers of its last login: %s', (cause, retryable) => {
    const message = `server login has been failing, cached error: ${cause} (server_login_retry)`;
    expect(classify(sqlError('08P01', message))).toMatchObject({ retryable, scope: 'connection' });
  });

  it.each([
    ...[
      'ECONNREFUSED',
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOTFOUND',
      'EAI_AGAIN',
    ].map((code) => [code, true] as const),
    ['EACCES', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false],
    ['SELF_SIGNED_CERT_IN_CHAIN', false],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false],
    ['CERT_HAS_EXPIRED', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', false],
    ['EPROTO', false],
  ] as const)('%s of Node is about the connection', (code, retryable) => {
    expect(classify(nodeError(code))).toMatchObject({ retryable, scope: 'connection', sqlstate: null });
  });

  it.each([
    ['Connection terminated unexpectedly', true],
    ['Connection terminated due to connection timeout', true],
    ['timeout expired', true],
    ['timeout exceeded when trying to connect', true],
    ['Query read timeout', true],
    ['Client has encountered a connection error and is not queryable', true],
    ['Cannot use a pool after calling end on the pool', true],
    ['There was an error establishing an SSL connection', true],
    ['The server does not support SSL connections', false],
    ['SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature does not match', false],
  ])('"%s" of pg is about the connection', (message, retryable) => {
    expect(classify(new Error(message))).toMatchObject({ retryable, scope: 'connection', sqlstate: null });
  });

  it.each([
    [new WrongServerError('standby', address, identity, { ...identity, databaseOid: '6' }), 'connection'],
    [new InvalidConnectionError('standby', 'reason'), 'connection'],
    [new NoPasswordError('standby', 'reason'), 'connection'],
    [new NotCommittedError('standby'), 'statement'],
    [new TypeError('x is not a function'), 'statement'],
    ['a text', 'statement'],
    [undefined, 'statement'],
  ])('%s is not retried', (error, scope) => {
    expect(classify(error)).toMatchObject({ retryable: false, scope, sqlstate: null });
  });

  it('looks through wrappers for the cause, and reports the outermost reason', () => {
    const error = new ConnectionError(
      'primary',
      address,
      'was lost',
      sqlError('57P01', 'terminating connection'),
    );
    expect(classify(new Error('while reading', { cause: error }))).toMatchObject({
      retryable: true,
      scope: 'connection',
      sqlstate: '57P01',
      reason: 'while reading (SQLSTATE 57P01)',
    });
  });

  it.each([
    [
      'permission denied for database shop',
      'As the owner of the database or a superuser: GRANT CREATE ON DATABASE shop TO',
    ],
    [
      'must be owner of database shop',
      'Only promotions need this privilege. A superuser grants it with docs/how-to/promotion-privileges.sql;',
    ],
    ['permission denied to use replication slots', 'Only promotions need this privilege.'],
    ['permission denied for sequence s', 'GRANT SELECT, UPDATE ON SEQUENCE'],
    ['permission denied for database "app"', 'GRANT CONNECT ON DATABASE'],
  ])('names a privilege that helps: %s', (message, remedy) => {
    expect(classify(sqlError('42501', message)).remedy).toContain(remedy);
  });

  it('takes every reason for which there is no connection for one of the connection', () => {
    const denied = sqlError('42501', 'permission denied for database "app"');
    expect(classify(denied)).toMatchObject({ scope: 'statement' });
    for (const cause of [denied, new Error('something new')]) {
      expect(classify(new ConnectionError('primary', address, 'cannot be made', cause))).toMatchObject({
        retryable: false,
        scope: 'connection',
      });
    }
  });

  it('names what Node gathers under an empty message', () => {
    const error = new AggregateError([nodeError('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432')], '');
    expect(classify(new ConnectionError('standby', address, 'cannot be made', error))).toMatchObject({
      retryable: true,
      reason:
        'The connection to the standby at db.example:5432/app cannot be made: connect ECONNREFUSED ::1:5432',
    });
  });

  const remedyAt = (host: string, error: Error) =>
    classify(new ConnectionError('standby', { ...address, host }, 'was lost', error)).remedy;

  it.each([
    ['db.example', 'pg_isready -h db.example -p 5432'],
    ["/run/it's", "pg_isready -h '/run/it'\\''s' -p 5432"],
  ])('says how to reach %s', (host, command) => {
    expect(remedyAt(host, nodeError('ECONNREFUSED', 'connect ECONNREFUSED'))).toBe(
      `Check that the server runs and that the worker can reach it: ${command}.`,
    );
  });

  it.each([
    ['db.example', 'db.example:5432'],
    ['::1', "'[::1]:5432'"],
  ])('says how to see the certificate of %s', (host, shown) => {
    expect(remedyAt(host, nodeError('CERT_HAS_EXPIRED', 'certificate has expired'))).toContain(
      `openssl s_client -starttls postgres -connect ${shown}.`,
    );
  });

  it('says where TLS can be turned on', () => {
    const error = new Error('The server does not support SSL connections');
    expect(remedyAt('db.example', error)).toMatch(/^The server offers no TLS, .*ssl_cert_file/);
  });

  it('gives a reason of one line, not too long and without secrets', () => {
    const { reason } = classify(new Error(`a\n  b postgres://u:secret@h/d ${'x'.repeat(1000)}`));
    expect(reason).toMatch(/^a b postgres:\/\/\*\*\* x+…$/);
    expect(reason.length).toBeLessThanOrEqual(300);
  });

  it('ends on causes that form a loop', () => {
    const error = new Error('round');
    error.cause = new Error('and round', { cause: error });
    expect(classify(error)).toMatchObject({ retryable: false, reason: 'round' });
  });

  it('does not take a code of five letters of Node for a SQLSTATE', () => {
    expect(classify(nodeError('EPIPE'))).toMatchObject({ sqlstate: null, retryable: true });
  });
});

describe('WrongServerError', () => {
  it('names the side, what was expected and what was found', () => {
    const error = new WrongServerError('standby', address, identity, { ...identity, systemIdentifier: '8' });
    expect(error.message).toBe(
      "The standby's address db.example:5432/app leads to another database than the run began with: " +
        'expected "app" (oid 5) of the system 7, found "app" (oid 5) of the system 8. Nothing was done there. ' +
        'Let the address lead to the first one again, or start a new run.',
    );
  });
});

it.each([
  ['x', 'x. Check it.'],
  ['A sentence.', 'A sentence. Check it.'],
])('a failure with its remedy is sentences: %s', (reason, text) => {
  expect(withRemedy({ reason, remedy: 'Check it.' })).toBe(text);
});
