import type { Environment } from './environment.js';
import type { Problems } from './problems.js';

const reference = /\$\{([^}]*)\}?/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Replaces `${NAME}` by environment variables. In the user, the password, the database and a parameter's value of a URL, the
 * variable is percent-encoded, because a password may have `@`, `/` or `&`, which would otherwise become part of the host or
 * another parameter. In other places it is inserted unchanged: as a whole URL, a host with its port, or all parameters.
 *
 * Returns null if it has added a problem: there is one for each variable that is not set.
 */
export function substitute(
  text: string,
  setting: string,
  environment: Environment,
  problems: Problems,
): string | null {
  const isEncoded = encodedPlaces(text);
  const mistakes: string[] = [];
  const substituted = text.replace(reference, (found, name: string, at: number) => {
    if (!found.endsWith('}') || !variableName.test(name)) {
      mistakes.push('a reference is written ${NAME}, with a closing brace and without a default');
      return '';
    }
    const value = environment.raw(name);
    if (value === null) {
      mistakes.push(`the environment variable ${name} is not set`);
      return '';
    }
    return isEncoded(at) ? encodeURIComponent(value) : value;
  });
  for (const mistake of mistakes) problems.add(setting, mistake);
  return mistakes.length === 0 ? substituted : null;
}

/** Whether a variable at this place of a URL has to be percent-encoded. References count as plain text. */
function encodedPlaces(text: string): (at: number) => boolean {
  const plain = text.replace(reference, (found) => '_'.repeat(found.length));
  const start = plain.indexOf('://');
  if (start < 0) return () => false;
  const rest = /[/?#]/.exec(plain.slice(start + 3));
  const endOfAuthority = rest === null ? plain.length : start + 3 + rest.index;
  // If a password has an unencoded slash, its @ comes later. The parser of the URL refuses that.
  const endOfCredentials = plain.lastIndexOf('@');
  const search = plain.indexOf('?', endOfAuthority);
  return (at) => {
    if (at < endOfCredentials) return at > start;
    if (at < endOfAuthority) return false;
    if (search < 0 || at < search) return true;
    return plain.slice(search, at).split('&').at(-1)?.includes('=') ?? false;
  };
}
