import { PatternList } from './pattern-list.js';

/**
 * Whether patterns of `include` name a sequence on purpose: by one whose schema part has no wildcard. `cron.*` names the sequences of
 * that schema, `*` and `*.jobs_id_seq` name nobody's in particular.
 *
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function compileNamed(include: readonly string[]): (schema: string, name: string) => boolean {
  // Few ask, and most runs have none of those who do.
  let compiled: PatternList | undefined;
  return (schema, name) => {
    compiled ??= new PatternList(include.filter(namesSchema));
    return compiled.matching(`${schema}.${name}`).length > 0;
  };
}

/** Whether the pattern reaches a dot before any wildcard. */
function namesSchema(pattern: string): boolean {
  return /^(?:[^*?.\\]|\\[^.])*\\?\./su.test(pattern);
}
