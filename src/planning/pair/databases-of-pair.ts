import { foldFindings } from '../../findings/fold-findings.js';
import { pairFinding } from '../../findings/make-finding.js';
import type { Finding } from '../../contract/status.js';
import { PatternList } from '../../sequences/pattern-list.js';

/** The databases of a pair's two servers, and which of them are the pair's own. */
export interface ServerDatabases {
  primary: readonly string[];
  standby: readonly string[];
  own: { primary: string; standby: string };
}

/** The databases that a fleet runs on: whether the pair's own is one of them (`own`), and the names of the others. */
export interface ChosenDatabases {
  own: boolean;
  databases: string[];
  findings: Finding[];
}

/**
 * The databases that have the same name on both sides. A database that only the primary has is a block, since it is lost when the standby's
 * server is promoted. The pair's own database may have different names on the two sides.
 */
export function chooseDatabases(
  { primary, standby, own }: ServerDatabases,
  patterns: readonly string[],
  except: readonly string[],
): ChosenDatabases {
  const included = new PatternList(patterns);
  const excluded = new PatternList(except);
  const unused = new Set(patterns.keys());
  const isChosen = (name: string): boolean => {
    const matching = included.matching(name);
    for (const index of matching) unused.delete(index);
    return matching.length > 0 && excluded.matching(name).length === 0;
  };
  const onStandby = new Set(standby);
  const onPrimary = new Set(primary);
  const renamed = own.primary !== own.standby;
  const ownChosen = isChosen(own.primary);
  const databases: string[] = [];
  const findings: Finding[] = [];
  for (const name of primary) {
    if (name === own.primary && (!renamed || !onStandby.has(name))) continue;
    if (!isChosen(name)) continue;
    if (onStandby.has(name)) databases.push(name);
    else findings.push(missing(name));
  }
  for (const name of standby) {
    if (onPrimary.has(name) || name === own.standby || !isChosen(name)) continue;
    findings.push(standbyOnly(name));
  }
  for (const index of unused) findings.push(unmatched(patterns[index] ?? ''));
  const isEmpty = !ownChosen && databases.length === 0;
  if (isEmpty && !findings.some(({ severity }) => severity === 'block')) findings.push(nothingLeft());
  return { own: ownChosen, databases, findings: foldFindings(findings) };
}

function missing(name: string): Finding {
  return pairFinding(
    'DATABASE_MISSING_ON_STANDBY',
    `the database ${JSON.stringify(name)} is on the primary's server only`,
    `create and subscribe it on the standby's server, or leave it out with {"except": [${JSON.stringify(name)}]}, and start the fleet again`,
  );
}

function standbyOnly(name: string): Finding {
  return pairFinding(
    'DATABASE_ONLY_ON_STANDBY',
    `the database ${JSON.stringify(name)} is on the standby's server only: it has no sequences to take over`,
    'no action is needed',
  );
}

function unmatched(pattern: string): Finding {
  return pairFinding(
    'PATTERN_UNMATCHED',
    `the pattern ${JSON.stringify(pattern)} matches no database of either server`,
    'correct or drop the pattern in "databases" and start the fleet again',
  );
}

function nothingLeft(): Finding {
  return pairFinding(
    'PATTERN_UNMATCHED',
    '"databases" and "except" leave no database that both servers have',
    'correct the patterns in "databases" or "except" and start the fleet again',
  );
}
