import type { Identity } from '../../steps/identity.js';
import type { Endpoint } from '../endpoint.js';

/** The sizes, in bytes, of the short and the long header of a WAL page: SizeOfXLogShortPHD and SizeOfXLogLongPHD in xlog_internal.h. */
const pageHeaders = [24n, 40n];

/**
 * The primary's WAL position after everything that is visible now, including commits with synchronous_commit = off, which are visible before
 * they are flushed.
 *
 * At the beginning of a WAL page, the server returns the position after the header of the page. Nothing has been written there yet, so the
 * replication of an idle server never confirms it. In this case the function returns the beginning of the page.
 */
export async function readWalPosition(primary: Endpoint, expected: Identity | null): Promise<string> {
  const [[row] = []] = await primary.read<{ lsn: string; page: string }>({ expected, locks: 0 }, [
    `SELECT pg_current_wal_insert_lsn()::text AS lsn, current_setting('wal_block_size') AS page`,
  ]);
  if (!row) throw new Error('The primary returned no row for its WAL position.');
  return withoutPageHeader(row.lsn, BigInt(row.page));
}

/** @param lsn in PostgreSQL's notation: two hexadecimal numbers of 32 bits, `16/B374D848` */
export function withoutPageHeader(lsn: string, pageSize: bigint): string {
  const [high = '', low = ''] = lsn.split('/');
  const offset = BigInt(`0x${low}`);
  const inPage = offset % pageSize;
  return pageHeaders.includes(inPage) ? `${high}/${(offset - inPage).toString(16).toUpperCase()}` : lsn;
}
