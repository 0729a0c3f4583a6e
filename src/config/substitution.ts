import type { Environment } from './environment.js';
import type { Problems } from './problems.js';

const reference = /\$\{([^}]*)\}?/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Puts environment variables in the place of `${NAME}`. A value that is nothing but one reference is taken as it
 * is. In the user and password of a URL what is put in is percent-encoded, because a password may hold `@` or
 * `/`, which would otherwise become part of the host.
 *
 * Returns null after adding a problem for each variable that is not set.
 */
export function substitute(
  text: string,
  setting: string,
  environment: Environment,
  problems: Problems,
): string | null {
  const endOfCredentials = text.lastIndexOf('@');
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
    return at < endOfCredentials ? encodeURIComponent(value) : value;
  });
  for (const mistake of mistakes) problems.add(setting, mistake);
  return mistakes.length === 0 ? substituted : null;
}
