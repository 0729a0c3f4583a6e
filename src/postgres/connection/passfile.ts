import { readFile, stat } from 'node:fs/promises';

/** The fields by which a line of a password file is chosen. */
export interface Login {
  host: string;
  port: number;
  database: string;
  user: string;
}

/**
 * Looks up a password in a password file as psql does: the first matching line, where `*` matches everything, in a file that only its owner can
 * read. https://www.postgresql.org/docs/current/libpq-pgpass.html
 *
 * pg's own support for it will be removed in pg 9, and lacks the parameter `passfile` and short passwords.
 *
 * @returns the password, or a reason that continues the text "no password: "
 */
export async function findPassword(
  path: string,
  login: Login,
): Promise<{ password: string } | { reason: string }> {
  let lines: string[];
  try {
    const status = await stat(path);
    if (!status.isFile()) return { reason: `${path} is not a plain file` };
    if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
      return { reason: `${path} is ignored, since others than its owner can read it: chmod 0600 it` };
    }
    lines = (await readFile(path, 'utf8')).split(/\r?\n/);
  } catch (error) {
    return { reason: `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  }
  const wanted = [login.host, String(login.port), login.database, login.user];
  for (const line of lines) {
    if (line.startsWith('#')) continue;
    const fields = splitLine(line);
    const password = fields[4];
    if (password && wanted.every((value, index) => fields[index] === '*' || fields[index] === value)) {
      return { password };
    }
  }
  return { reason: `no line of ${path} matches ${wanted.slice(0, 3).join(':')}` };
}

/** Splits at colons. A backslash escapes a colon and itself. The password is the rest of the line. */
function splitLine(line: string): string[] {
  const fields =
    /^((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):(.*)$/.exec(line) ?? [];
  return fields.slice(1).map((field) => field.replace(/\\(.)/g, '$1'));
}
