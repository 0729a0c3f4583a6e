import type { Identity } from '../../steps/identity.js';
import type { FeedDefault, RoleGrant, SequenceOrigin } from '../../steps/columns.js';
import { qualifiedName, quoteIdentifier } from '../../sequences/identifier.js';
import { oidArray } from '../array-literal.js';
import { CATALOG_LOCKS, type Endpoint, type Row } from '../endpoint.js';
import { feedKey } from './data-columns.js';
import { readDefaultTexts } from './default-texts.js';
import { type Feed, type FeedRow, feedsSql, toFeeds } from './feeds.js';

/** The definitions of sequences, by oid: everything that is needed to create them on another server. */
export async function readOrigins(
  endpoint: Endpoint,
  expected: Identity,
  oids: readonly number[],
): Promise<Map<number, SequenceOrigin>> {
  if (oids.length === 0) return new Map();
  const [rows = [], feedRows = []] = await endpoint.read({ expected, locks: CATALOG_LOCKS }, [
    originsSql(oids),
    feedsSql(`SELECT unnest(${oidArray(oids)}) AS oid`),
  ]);
  const feeds = toFeeds(feedRows as FeedRow[]);
  const texts = await readDefaultTexts(endpoint, expected, [...feeds.values()].flat());
  return new Map(
    (rows as OriginRow[]).map(
      ({ oid, type, start, schema, table, column, owner, grants, schemaOwner, users }) => [
        Number(oid),
        {
          type,
          start,
          ownedBy: column === null ? null : qualifiedName(schema ?? '', table ?? '', column),
          owner: quoteIdentifier(owner),
          grants: toGrants(grants, owner),
          schemaOwner: quoteIdentifier(schemaOwner),
          schemaUsers: users.map(granteeName),
          feeds: new Map(
            (feeds.get(Number(oid)) ?? [])
              .filter(({ via }) => via !== 'owned')
              .map((feed) => [feed.column, defaultOf(feed, texts)]),
          ),
        },
      ],
    ),
  );
}

function defaultOf(feed: Feed, texts: ReadonlyMap<string, string>): FeedDefault {
  if (feed.plain) return 'plain';
  const text = texts.get(feedKey(feed));
  return text === undefined ? 'unknown' : { text };
}

interface OriginRow extends Row {
  oid: string;
  type: string;
  start: string;
  schema: string | null;
  table: string | null;
  column: string | null;
  owner: string;
  grants: AclItem[];
  schemaOwner: string;
  /** Null for PUBLIC. */
  users: (string | null)[];
}

interface AclItem {
  /** Null for PUBLIC. */
  grantee: string | null;
  privilege: string;
  grantable: boolean;
}

/** By role, and by whether the role may grant them to others. */
function toGrants(items: readonly AclItem[], owner: string): RoleGrant[] {
  const grants = new Map<string, { grantee: string; privileges: string[]; grantable: boolean }>();
  for (const { grantee, privilege, grantable } of items) {
    if (grantee === owner) continue;
    const name = granteeName(grantee);
    const key = `${name} ${grantable}`;
    const grant = grants.get(key) ?? { grantee: name, privileges: [], grantable };
    grant.privileges.push(privilege);
    grants.set(key, grant);
  }
  return [...grants.values()];
}

const granteeName = (grantee: string | null) => (grantee === null ? 'PUBLIC' : quoteIdentifier(grantee));

/** Null for PUBLIC. */
const roleOf = (oid: string) => `CASE WHEN ${oid} <> 0 THEN pg_get_userbyid(${oid}) END`;

const originsSql = (oids: readonly number[]) => `
  SELECT a.oid::int8, format_type(s.seqtypid, NULL) AS type, s.seqstart::text AS start,
         o.nspname AS schema, o.relname AS table, o.attname AS column, pg_get_userbyid(r.relowner) AS owner,
         (SELECT coalesce(json_agg(json_build_object('grantee', ${roleOf('x.grantee')}, 'privilege', x.privilege_type, 'grantable', x.is_grantable)
                   ORDER BY x.grantee, x.privilege_type), '[]')
          FROM aclexplode(r.relacl) x) AS grants,
         pg_get_userbyid(r.nspowner) AS "schemaOwner",
         (SELECT coalesce(json_agg(${roleOf('x.grantee')} ORDER BY x.grantee), '[]')
          FROM aclexplode(r.nspacl) x WHERE x.privilege_type = 'USAGE' AND x.grantee <> r.nspowner) AS users
  FROM unnest(${oidArray(oids)}) a (oid)
  CROSS JOIN LATERAL (SELECT s.seqtypid, s.seqstart FROM pg_sequence s WHERE s.seqrelid = a.oid OFFSET 0) s
  CROSS JOIN LATERAL (
    SELECT c.relowner, c.relacl, n.nspacl, n.nspowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = a.oid OFFSET 0
  ) r
  LEFT JOIN LATERAL (
    SELECT n.nspname, c.relname, at.attname
    FROM pg_depend d
    JOIN pg_class c ON c.oid = d.refobjid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute at ON at.attrelid = d.refobjid AND at.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = a.oid AND d.objsubid = 0
      AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    OFFSET 0
  ) o ON true`;
