import type { Identity } from '../../steps/identity.js';
import type { Endpoint } from '../endpoint.js';

/** Bytes: the shorter and the longer header of a WAL page, SizeOfXLogShortPHD and SizeOfXLogLongPHD in xlog_internal.h. */
const pageHeaders = [24n, 40n];

/**
 * The primary's WAL position after everything that is visible now, commits with synchronous_commit = off included, which are visible
 * before they are written out.
 *
 * At the very beginning of a WAL page the server's answer is the first position after the page's header, where nothing is yet and which
 * an idle server's replication therefore never reaches; then the page's own beginning is returned.
 */
export async function readWalPosition(primary: Endpoint, expected: Identity | null): Promise<string> {
  const [[row] = []] = await primary.read<{ lsn: string; page: string }>({ expected, locks: 0 }, [
    `SELECT pg_current_wal_insert_lsn()::text AS lsn, current_setting('wal_block_size') AS page`,
  ]);
  if (!row) throw new Error('The primary returned no row for its WAL position.');
  return withoutPageHeader(row.lsn, BigInt(row.page));
}

/** @param lsn as PostgreSQL writes it: two hexadecimal numbers of 32 bits, `16/B374D848` */
export function withoutPageHeader(lsn: string, pageSize: bigint): string {
  const [high = '', low = ''] = lsn.split('/');
  const offset = BigInt(`0x${low}`);
  const inPage = offset % pageSize;
  return pageHeaders.includes(inPage) ? `${high}/${(offset - inPage).toString(16).toUpperCase()}` : lsn;
}
