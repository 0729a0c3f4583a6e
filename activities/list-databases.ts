import { pairOfDatabase } from '../src/config/resolve-pair.js';
import type { Activities } from '../src/steps/activities.js';
import { chooseDatabases } from '../src/planning/pair/databases-of-pair.js';
import { listDatabaseNames } from '../src/postgres/server/list-databases.js';
import { onSide, pairOfNewRun } from './activity-failure.js';
import type { Dependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';

/** Lists the databases of a pair's servers. Each becomes a pair with its own name. */
export function listDatabases({ pairs }: Dependencies): Activities['listDatabases'] {
  return ({ pair: name, databases: patterns, except }) =>
    withHeartbeat(async () => {
      const pair = pairOfNewRun(pairs, name);
      const [primary, standby] = await Promise.all([
        onSide('primary', () => listDatabaseNames(pair.primary)),
        onSide('standby', () => listDatabaseNames(pair.standby)),
      ]);
      const own = { primary: pair.primary.address.database, standby: pair.standby.address.database };
      const chosen = chooseDatabases({ primary, standby, own }, patterns, except);
      return {
        pairs: [
          ...(chosen.own ? [name] : []),
          ...chosen.databases.map((database) => pairOfDatabase(name, database)),
        ],
        findings: chosen.findings,
      };
    });
}
