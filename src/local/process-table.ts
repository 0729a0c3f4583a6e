import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** On Linux alone. */
const canListChildren = existsSync(childrenFile(process.pid));

/** The process ids of the direct children of a process; empty if it has ended. */
export function childrenOf(pid: number): number[] {
  if (canListChildren) return readChildren(pid);
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []));
}

function readChildren(pid: number): number[] {
  try {
    return readFileSync(childrenFile(pid), 'utf8').split(' ').filter(Boolean).map(Number);
  } catch (error) {
    // The process has ended, perhaps while its file was read.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function childrenFile(pid: number): string {
  return `/proc/${pid}/task/${pid}/children`;
}

/** Whether the process exists and is not a zombie. In a container, the zombies of orphaned processes may stay. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return !existsSync('/proc/self/stat');
  }
}
