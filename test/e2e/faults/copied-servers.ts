import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresPair } from '../../../src/local/postgres-pair.js';
import { startPostgres, type PostgresServer } from '../../../src/local/postgres-server.js';
import { query } from './query.js';

/** A server that began as a copy of another's files, taken while that one was shut down. */
export async function copyOf(
  original: PostgresServer,
  name: string,
  { recovering = false }: { recovering?: boolean } = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sequence-failover-copy-'));
  // As root the server runs as another user.
  chmodSync(folder, 0o755);
  const dataDirectory = join(folder, 'data');
  await original.halt();
  cpSync(original.dataDirectory, dataDirectory, { recursive: true });
  await original.start();
  rmSync(join(dataDirectory, 'postmaster.pid'), { force: true });
  if (recovering) writeFileSync(join(dataDirectory, 'standby.signal'), '');
  const copy = await startPostgres({ name, dataDirectory, password: original.password });
  const stop = copy.stop.bind(copy);
  // The server itself, with its methods: a spread copy of an instance has none of them.
  return Object.assign(copy, {
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** A pair whose standby has the primary's system identifier. */
export async function startCopiedPair(): Promise<PostgresPair> {
  const primary = await startPostgres({ name: 'primary' });
  const standby = await copyOf(primary, 'standby');
  return {
    primary,
    standby,
    stop: async () => {
      await standby.stop();
      await primary.stop();
    },
  };
}

/** Uses up oids on the server that is behind, so that the next objects on both servers get the same oids. */
export async function alignOids({
  primary,
  standby,
}: Pick<PostgresPair, 'primary' | 'standby'>): Promise<void> {
  const [onPrimary, onStandby] = await Promise.all([primary, standby].map((server) => useOids(server, 1)));
  if (onPrimary === undefined || onStandby === undefined) throw new Error('no oid was used');
  if (onPrimary !== onStandby)
    await useOids(onPrimary < onStandby ? primary : standby, Math.abs(onPrimary - onStandby));
}

/** Uses up this many oids. @returns the last one */
async function useOids(server: PostgresServer, count: number): Promise<number> {
  const [row] = await query<{ last: string }>(
    server.url(),
    `SELECT max(lo_create(0)::bigint)::text AS last FROM generate_series(1, ${count})`,
  );
  return Number(row?.last);
}
