import { LEDGER_SCHEMA } from '../../contract/names.js';
import { listFirst } from '../../contract/list-first.js';
import { plural } from '../../contract/plural.js';
import type { PromotionFinding } from '../../contract/promotion.js';
import type { Finding } from '../../contract/status.js';
import type { SideOfPair } from '../../contract/side.js';
import { foldFindings, withoutInternalFields } from '../../findings/fold-findings.js';
import { partsOfName, quoteLiteral } from '../../sequences/identifier.js';
import type { UnprivilegedSequence } from '../../steps/privileges.js';
import { asOwner } from '../remedies/as-owner.js';
import { NO_FAILBACK, unlessInput } from '../remedies/promotion-input.js';
import { block } from './make-promotion-finding.js';
import { sequenceFinding } from '../../findings/make-finding.js';

/** The names of this many sequences are in a message, and as many grants of a schema are in a remedy one by one. */
const NAMED = 5;

/** The blocks that the rounds of a promotion would find one step later: with them, its check names every missing privilege at once. */
export function missingSequencePrivileges(
  primary: readonly UnprivilegedSequence[],
  standby: readonly UnprivilegedSequence[],
  failback: boolean,
): PromotionFinding[] {
  const unread = (side: SideOfPair, { sequence, grants }: UnprivilegedSequence) =>
    sequenceFinding(
      'NO_READ_PRIVILEGE',
      sequence,
      `${sequence} may not be read on the ${side} by this role`,
      asOwner(side, grants),
    );
  const findings: Finding[] = [
    ...primary.filter(({ readable }) => !readable).map((one) => unread('primary', one)),
    ...standby.map((one) =>
      one.readable
        ? sequenceFinding(
            'NO_UPDATE_PRIVILEGE',
            one.sequence,
            `${one.sequence} may not be set on the standby by this role`,
            asOwner('standby', one.grants),
          )
        : unread('standby', one),
    ),
  ];
  const notSet = failback ? primary.filter(({ readable }) => readable) : [];
  const folded = foldFindings(findings).map(withoutInternalFields);
  return [...folded, ...(notSet.length === 0 ? [] : [notSetOnPrimary(notSet)])];
}

/** With a way back, the sequences of the old primary are moved ahead after the switch. */
function notSetOnPrimary(lacking: readonly UnprivilegedSequence[]): PromotionFinding {
  const names = lacking.map(({ sequence }) => sequence);
  return {
    ...block(
      'PRIVILEGE_MISSING',
      `on the primary the worker's role may not set ${plural(names.length, 'sequence')} (${listFirst(names, NAMED)}), which the way back needs`,
      unlessInput(
        'if no way back is needed',
        NO_FAILBACK,
        `as a superuser on the primary: ${grantsFor(lacking)}`,
      ),
    ),
    count: names.length,
  };
}

/** The longest list of grants in a remedy, in characters. */
const GRANTS_AT_MOST = 8_000;

/** Many grants in one schema become one. If they would still be too many, a DO block finds the sequences. */
function grantsFor(lacking: readonly UnprivilegedSequence[]): string {
  const [first] = lacking;
  const statements = oneByOne(lacking).join(' ');
  if (first === undefined || statements.length <= GRANTS_AT_MOST) return statements;
  const { role } = first;
  const name = quoteLiteral(partsOfName(role)[0] ?? role);
  const tag = name.includes('$') ? '$_sequence_failover_$' : '$grants$';
  return (
    `DO ${tag} DECLARE s regclass; BEGIN FOR s IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ` +
    `WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname <> '${LEDGER_SCHEMA}' ` +
    `AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e') ` +
    // Called on another relation it fails, and the planner chooses the order of conditions.
    `AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(${name}, c.oid, 'UPDATE') ELSE false END ` +
    `LOOP EXECUTE format('GRANT UPDATE ON SEQUENCE %s TO %I', s, ${name}); END LOOP; END ${tag};`
  );
}

function oneByOne(lacking: readonly UnprivilegedSequence[]): string[] {
  const bySchema = new Map<string, UnprivilegedSequence[]>();
  for (const one of lacking) bySchema.set(one.schema, [...(bySchema.get(one.schema) ?? []), one]);
  return [...bySchema].flatMap(([schema, all]) => {
    const [first] = all;
    if (first === undefined || all.length <= NAMED) return all.map(({ grants }) => grants);
    return [`GRANT UPDATE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${first.role};`];
  });
}
