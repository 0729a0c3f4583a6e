import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { text } from '../contract/parsing/fields.js';
import type { Side } from '../postgres/endpoint.js';
import { connectionUrl } from './connection-url.js';
import type { Environment } from './environment.js';
import type { Sides } from './default-pair.js';
import type { ReplicationUrls } from './pairs.js';
import type { Problems } from './problems.js';
import type { Secret } from './secret.js';
import { substitute } from './substitution.js';

const database = z.strictObject({ url: z.string() });
const side = database.extend({ replicationUrl: z.string().optional() });
const pair = z.strictObject({ primary: side, standby: side, ledger: database.optional() });
/** A map, because zod's record would leave out a pair with the name `__proto__`. */
const file = z.strictObject({
  pairs: z
    .map(text({ what: 'the name of a pair', max: 200 }), pair)
    .refine((pairs) => pairs.size > 0, { message: 'name at least one pair' }),
});

/** A pair of the file. `ledger` is null if the pair has no ledger of its own there. */
export interface PairFromFile extends Sides {
  ledger: Secret | null;
  replication: ReplicationUrls;
}

/** Reads the URL at a place of the pairs file. @returns null if it has added a problem */
type ReadUrl = (side: Side, place: string, url: string) => Secret | null;

/**
 * Reads a pairs file: YAML, `pairs: {orders: {primary: {url}, standby: {url}, ledger: {url}}}`. A value may have
 * `${ENV_VAR}`, and `ledger` is optional. A side may also have a `replicationUrl`. For a pair with a problem, it adds the
 * problem and leaves out the pair.
 */
export function readPairsFile(
  path: string,
  environment: Environment,
  problems: Problems,
): Map<string, PairFromFile> {
  const pairs = new Map<string, PairFromFile>();
  const document = parseYaml(path, problems);
  if (document === null) return pairs;
  const parsed = file.safeParse(withPairsAsMap(document.value));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const at = issue.path.map(String).join('.');
      problems.add(`PAIRS_FILE ${path}${at && `, ${at}`}`, lowerFirst(issue.message));
    }
    return pairs;
  }
  for (const [name, pair] of parsed.data.pairs) {
    const read = readPair(pair, (side, place, url) =>
      readUrlOf(side, `PAIRS_FILE ${path}, pairs.${name}.${place}`, url, environment, problems),
    );
    if (read !== null) pairs.set(name, read);
  }
  return pairs;
}

/** @returns null if it has no URL for one of its sides */
function readPair({ primary, standby, ledger }: z.infer<typeof pair>, read: ReadUrl): PairFromFile | null {
  const primaryUrl = read('primary', 'primary.url', primary.url);
  const standbyUrl = read('standby', 'standby.url', standby.url);
  const ledgerUrl = ledger ? read('ledger', 'ledger.url', ledger.url) : null;
  const replication: ReplicationUrls = {};
  for (const [which, { replicationUrl }] of [
    ['primary', primary],
    ['standby', standby],
  ] as const) {
    if (replicationUrl === undefined) continue;
    const url = read(which, `${which}.replicationUrl`, replicationUrl);
    if (url) replication[which] = url;
  }
  if (!primaryUrl || !standbyUrl) return null;
  return { primary: primaryUrl, standby: standbyUrl, ledger: ledgerUrl, replication };
}

function withPairsAsMap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('pairs' in value)) return value;
  const { pairs } = value;
  if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) return value;
  return { ...value, pairs: new Map(Object.entries(pairs)) };
}

function readUrlOf(
  side: Side,
  setting: string,
  value: string,
  environment: Environment,
  problems: Problems,
): Secret | null {
  const substituted = substitute(value, setting, environment, problems);
  if (substituted === null) return null;
  const read = connectionUrl(side, substituted, environment);
  if ('url' in read) return read.url;
  problems.add(setting, read.problem);
  return null;
}

/** The content of the file; null if it has added a problem. */
function parseYaml(path: string, problems: Problems): { value: unknown } | null {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    problems.add(
      'PAIRS_FILE',
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    );
    return null;
  }
  const lines = new LineCounter();
  // Not the parser's message: it quotes the line, which may have a password.
  const document = parseDocument(content, { prettyErrors: false, lineCounter: lines });
  for (const { code, pos } of document.errors) {
    problems.add('PAIRS_FILE', `${path} is not valid YAML at line ${lines.linePos(pos[0]).line} (${code})`);
  }
  if (document.errors.length > 0) return null;
  try {
    return { value: document.toJS() };
  } catch {
    problems.add('PAIRS_FILE', `${path} is not valid YAML (an alias cannot be resolved)`);
    return null;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
