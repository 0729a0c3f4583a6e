import type { Environment } from './environment.js';
import type { Problems } from './problems.js';

const reference = /\$\{([^}]*)\}?/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Puts environment variables in the place of `${NAME}`. In the user, the password, the database and the value of a parameter
 * of a URL what is put in is percent-encoded, because a password may hold `@`, `/` or `&`, which would otherwise become part of the host or
 * another parameter. Elsewhere it is taken as it is: for a whole URL, a host with its port, all parameters together.
 *
 * Returns null after adding a problem for each variable that is not set.
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

/** Whether what stands at a place of a URL is percent-encoded. References count as text without a meaning. */
function encodedPlaces(text: string): (at: number) => boolean {
  const plain = text.replace(reference, (found) => '_'.repeat(found.length));
  const start = plain.indexOf('://');
  if (start < 0) return () => false;
  const rest = /[/?#]/.exec(plain.slice(start + 3));
  const endOfAuthority = rest === null ? plain.length : start + 3 + rest.index;
  // Where a password holds a raw slash, its @ comes later; the reader of the URL refuses that.
  const endOfCredentials = plain.lastIndexOf('@');
  const search = plain.indexOf('?', endOfAuthority);
  return (at) => {
    if (at < endOfCredentials) return at > start;
    if (at < endOfAuthority) return false;
    if (search < 0 || at < search) return true;
    return plain.slice(search, at).split('&').at(-1)?.includes('=') ?? false;
  };
}
