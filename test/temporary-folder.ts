import { readFileSync, statfsSync } from 'node:fs';

const FOLDER = '/dev/shm';
const GIB = 2 ** 30;

/**
 * The folder in memory for the files of the tests, on Linux with enough of it: each test has databases of its own, and to make one takes
 * some 300 files. Undefined if there is none, or if TMPDIR is set: then that is used.
 */
export function temporaryFolder(): string | undefined {
  if (process.env['TMPDIR'] !== undefined) return undefined;
  try {
    // Tests also run programs from there.
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, folder]) => folder === FOLDER);
    const usable = mount?.[2] === 'tmpfs' && !/\b(?:noexec|ro)\b/u.test(mount[3] ?? '');
    const { bavail, bsize } = statfsSync(FOLDER);
    const available = Number(/^MemAvailable: +(\d+) kB$/mu.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
    return usable && bavail * bsize > 4 * GIB && available * 1024 > 8 * GIB ? FOLDER : undefined;
  } catch {
    return undefined;
  }
}
