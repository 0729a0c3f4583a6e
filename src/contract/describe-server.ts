import type { Server } from './status.js';

/** Such as `db.example:5432/shop, PostgreSQL 18.1`. */
export function describeServer({ host, port, database, serverVersion }: Server): string {
  return `${host}:${port}/${database}, PostgreSQL ${serverVersion}`;
}
