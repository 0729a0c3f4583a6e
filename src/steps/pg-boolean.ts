/**
 * The value of a boolean setting as PostgreSQL reads it: on, off, 1, 0, or any unambiguous beginning of true, false, yes, no or off. Null for another text.
 * https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-NAMES-VALUES
 */
export function readPgBoolean(text: string): boolean | null {
  if (/^(?:on|1|t|tr|tru|true|y|ye|yes)$/iu.test(text)) return true;
  return /^(?:of|off|0|f|fa|fal|fals|false|n|no)$/iu.test(text) ? false : null;
}

/** Whether a value of a setting in the catalog stands for on. Null is no value. */
export const isOn = (value: string | null) => value !== null && readPgBoolean(value) === true;
