import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { text } from '../contract/parsing/fields.js';
import type { SideOfPair } from '../contract/side.js';
import type { Side } from '../postgres/endpoint.js';
import { connectionUrl } from './connection-url.js';
import type { Environment } from './environment.js';
import type { Sides } from './default-pair.js';
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

export interface PairFromFile extends Sides {
  ledger: Secret | null;
  replication: Partial<Record<SideOfPair, Secret>>;
}

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
  for (const [name, { primary, standby, ledger }] of parsed.data.pairs) {
    const read = (side: Side, url: string): Secret | null =>
      readUrlOf(side, `PAIRS_FILE ${path}, pairs.${name}.${side}.url`, url, environment, problems);
    const primaryUrl = read('primary', primary.url);
    const standbyUrl = read('standby', standby.url);
    const ledgerUrl = ledger ? read('ledger', ledger.url) : null;
    const replication: PairFromFile['replication'] = {};
    for (const [which, { replicationUrl }] of [
      ['primary', primary],
      ['standby', standby],
    ] as const) {
      if (replicationUrl === undefined) continue;
      const setting = `PAIRS_FILE ${path}, pairs.${name}.${which}.replicationUrl`;
      const url = readUrlOf(which, setting, replicationUrl, environment, problems);
      if (url) replication[which] = url;
    }
    if (primaryUrl && standbyUrl) {
      pairs.set(name, { primary: primaryUrl, standby: standbyUrl, ledger: ledgerUrl, replication });
    }
  }
  return pairs;
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
