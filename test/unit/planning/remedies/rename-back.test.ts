import { expect, it } from 'vitest';
import { renameBack, type RenamedSequence } from '../../../../src/planning/remedies/rename-back.js';

const renamed = (sequence: string, renamedTo: string, ownedBy: string | null = null): RenamedSequence => ({
  ...{ sequence, renamedTo, ownedBy },
});

it.each<[string, RenamedSequence[], Record<string, string>]>([
  [
    'by itself',
    [renamed('public.a', 'public."B c"'), renamed('public.d', 'public.e')],
    {
      'public.a': 'ALTER SEQUENCE public."B c" RENAME TO a;',
      'public.d': 'ALTER SEQUENCE public.e RENAME TO d;',
    },
  ],
  [
    'that was moved and renamed',
    [renamed('public.a', 'old.b')],
    { 'public.a': 'ALTER SEQUENCE old.b SET SCHEMA public; ALTER SEQUENCE public.b RENAME TO a;' },
  ],
  [
    'after the one that has its name',
    [renamed('public.a', 'public.b'), renamed('public.b', 'public.c')],
    {
      'public.a': 'ALTER SEQUENCE public.b RENAME TO a; ALTER SEQUENCE public.c RENAME TO b;',
      'public.b': 'see public.a',
    },
  ],
  [
    'that exchanged its name with another',
    [renamed('public.a', 'public.b'), renamed('public.b', 'public.a')],
    {
      'public.a':
        'ALTER SEQUENCE public.b RENAME TO sequence_failover_renames_it; ALTER SEQUENCE public.a RENAME TO b; ' +
        'ALTER SEQUENCE public.sequence_failover_renames_it RENAME TO a;',
      'public.b': 'see public.a',
    },
  ],
  [
    'that moved with its table',
    [renamed('public.a', 'old.a', 'old.t.id'), renamed('public.b', 'old.c', 'old.t.no')],
    {
      'public.a': 'ALTER TABLE old.t SET SCHEMA public; ALTER SEQUENCE public.c RENAME TO b;',
      'public.b': 'see public.a',
    },
  ],
])('renames back a sequence %s', (_, all, expected) => {
  const found = [...renameBack(all)].map(([sequence, back]): [string, string] => [
    sequence,
    'statements' in back ? back.statements : `see ${back.seeSequence}`,
  ]);
  expect(Object.fromEntries(found)).toEqual(expected);
});
