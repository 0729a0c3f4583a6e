import { describe, expect, it } from 'vitest';
import type { SequencePublication } from '../../../../src/steps/subscriptions.js';
import {
  sequencesSubscribed,
  type SequenceSubscription,
} from '../../../../src/planning/pair/subscribed-sequences.js';

const carrying = (publications: string[], pending: string[] = []): SequenceSubscription => ({
  name: 'sub',
  publications,
  tables: 1,
  sequences: { count: 3, pending: { count: pending.length, names: pending } },
});
const everything = (name: string, except: string[] = []): SequencePublication => ({
  name,
  allTables: true,
  except,
});
const sequencesOnly = (name: string): SequencePublication => ({ name, allTables: false, except: [] });
const remedy = (subscription: SequenceSubscription, publications: SequencePublication[] | null) =>
  sequencesSubscribed(subscription, publications).remedy.replace(/^.*out of the subscription: /u, '');

describe('a subscription that carries sequences', () => {
  it('is a warning about the subscription', () => {
    expect(sequencesSubscribed(carrying(['pub']), [everything('pub')])).toEqual({
      severity: 'warn',
      code: 'SEQUENCES_SUBSCRIBED',
      sequence: null,
      count: 3,
      subject: 'sub',
      message: expect.stringMatching(/^the subscription sub on the standby carries 3 sequences: /u) as string,
      remedy: expect.stringContaining('let nobody refresh them until the promotion is over') as string,
    });
  });

  it('names those that will be set as soon as they can be, and says what to do if that takes long', () => {
    const { message } = sequencesSubscribed(carrying(['pub'], ['public.capped']), null);
    expect(message).toMatch(/It could not set 1 of them yet, and will as soon as it can: public\.capped$/u);
    expect(remedy(carrying(['pub'], ['public.capped']), [everything('pub')])).toBe(
      `on the primary: ALTER PUBLICATION "pub" SET ALL TABLES; then on the standby: ALTER SUBSCRIPTION "sub" REFRESH PUBLICATION;` +
        ` A statement that hangs waits for the subscription's worker, which waits for a lock: this ends the sessions that hold it, on the standby, as a superuser:` +
        ` SELECT pg_terminate_backend(blocker) FROM pg_stat_subscription, unnest(pg_blocking_pids(pid)) AS blocker WHERE subname = 'sub';`,
    );
  });

  it.each([
    [
      'of a publication of all tables, too',
      carrying(['Odd "pub"', 'tables']),
      [everything('Odd "pub"')],
      'on the primary: ALTER PUBLICATION "Odd ""pub""" SET ALL TABLES; then on the standby: ALTER SUBSCRIPTION "sub" REFRESH PUBLICATION;',
    ],
    [
      'of one that excepts tables',
      carrying(['pub']),
      [everything('pub', ['public.a', 'public."B"'])],
      'on the primary: ALTER PUBLICATION "pub" SET ALL TABLES EXCEPT (TABLE public.a, public."B"); then on the standby: ALTER SUBSCRIPTION "sub" REFRESH PUBLICATION;',
    ],
    [
      'of a publication of its own',
      carrying(['tables', 'sequences']),
      [sequencesOnly('sequences'), everything('of another subscription')],
      'on the standby: ALTER SUBSCRIPTION "sub" DROP PUBLICATION "sequences";',
    ],
    [
      'of both',
      carrying(['pub', 'sequences']),
      [everything('pub'), sequencesOnly('sequences')],
      'on the primary: ALTER PUBLICATION "pub" SET ALL TABLES; then on the standby: ALTER SUBSCRIPTION "sub" DROP PUBLICATION "sequences";',
    ],
    [
      'and nothing else',
      carrying(['sequences']),
      [sequencesOnly('sequences')],
      'on the standby: DROP SUBSCRIPTION "sub"; it carries nothing else',
    ],
    [
      'that are published no more',
      carrying(['pub']),
      [],
      'on the standby: ALTER SUBSCRIPTION "sub" REFRESH PUBLICATION;',
    ],
    [
      'of a publisher that cannot be asked',
      carrying(['a', 'b']),
      null,
      'on its publisher make "a", "b" publish no sequences (ALTER PUBLICATION … SET ALL TABLES), then on the standby: ALTER SUBSCRIPTION "sub" REFRESH PUBLICATION;',
    ],
  ])('says how to be rid of them: %s', (_, subscription, publications, statements) => {
    expect(remedy(subscription, publications)).toBe(statements);
  });
});
