import { PatternList } from './pattern-list.js';

/**
 * Whether a pattern of `include` names the schema of a sequence explicitly, that is, without a wildcard in the schema part.
 * `cron.*` names the schema `cron`; `*` and `*.jobs_id_seq` name no schema.
 *
 * @throws RangeError for a pattern that ends with a lone backslash.
 */
export function compileExplicitSchemas(
  include: readonly string[],
): (schema: string, name: string) => boolean {
  // Compiled when first used, because most runs have no sequence that needs it.
  let compiled: PatternList | undefined;
  return (schema, name) => {
    compiled ??= new PatternList(include.filter(namesSchema));
    return compiled.matching(`${schema}.${name}`).length > 0;
  };
}

/** Whether the pattern has a dot before its first wildcard. */
function namesSchema(pattern: string): boolean {
  return /^(?:[^*?.\\]|\\[^.])*\\?\./su.test(pattern);
}
