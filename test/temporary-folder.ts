import { readFileSync, statfsSync } from 'node:fs';

const FOLDER = '/dev/shm';
const GIB = 2 ** 30;

/**
 * The environment that puts the servers of the tests into memory, on Linux with enough of it: each test has databases of its own, and to make
 * one takes some 300 files. A TMPDIR that is set stays.
 */
export function inMemory(): { TMPDIR?: string } {
  if (process.env['TMPDIR'] !== undefined) return {};
  try {
    // Tests also run programs from there.
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, folder]) => folder === FOLDER);
    const usable = mount?.[2] === 'tmpfs' && !/\b(?:noexec|ro)\b/u.test(mount[3] ?? '');
    const { bavail, bsize } = statfsSync(FOLDER);
    const available = Number(/^MemAvailable: +(\d+) kB$/mu.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
    return usable && bavail * bsize > 4 * GIB && available * 1024 > 8 * GIB ? { TMPDIR: FOLDER } : {};
  } catch {
    return {};
  }
}
