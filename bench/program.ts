import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** @throws Error with the program's output, if it ends with another code than 0 */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const { PATH, HOME, TMPDIR } = process.env;
  const { stdout } = await execute(program, args, { env: { PATH, HOME, TMPDIR }, maxBuffer: 100e6 });
  return stdout;
}

/** The version of the server that is built into a `temporal` command. */
export async function temporalVersion(cli: string): Promise<string> {
  return /[Ss]erver (\d[\w.]*)/.exec(await run(cli, ['--version']))?.[1] ?? 'unknown';
}

export async function whyNotInstalled(program: string): Promise<string | null> {
  try {
    await run(program, ['--version']);
    return null;
  } catch {
    return `${program} is not installed`;
  }
}

/** PostgreSQL's clients refuse a server of a later major version. pgcopydb prints the version that it was made for. */
export async function whyClientTooOld(program: string, serverVersion: string): Promise<string | null> {
  const missing = await whyNotInstalled(program);
  if (missing !== null) return missing;
  const version = await run(program, ['--version']);
  const majors = [...version.matchAll(/\(PostgreSQL\) (\d+)|PostgreSQL (\d+)|and (\d+)$/gm)].map((match) =>
    Number(match[1] ?? match[2] ?? match[3]),
  );
  const newest = Math.max(0, ...majors);
  return newest > 0 && newest < parseInt(serverVersion)
    ? `the installed ${program} is of PostgreSQL ${newest}, and refuses a server of ${serverVersion}`
    : null;
}
