import { readdirSync, readFileSync } from 'node:fs';

/** Processor time by program, in seconds. */
export type ProcessorTime = Record<string, number>;

interface Process {
  pid: number;
  parent: number;
  name: string;
  seconds: number;
}

/**
 * The processor time of each child of this process, including the child's own children, also those that have ended. Empty if
 * there is no /proc. Its resolution is a hundredth of a second.
 *
 * @param names what to call a child, by its process ID; others are left out
 */
export function processorTime(names: ReadonlyMap<number, string>): ProcessorTime {
  const processes = list();
  const total = ({ pid, seconds }: Process): number =>
    processes.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + total(child), seconds);
  const used: ProcessorTime = {};
  for (const process of processes) {
    const name = names.get(process.pid);
    if (name !== undefined) used[name] = total(process);
  }
  return used;
}

export function since(before: ProcessorTime, now: ProcessorTime): ProcessorTime {
  return Object.fromEntries(
    Object.entries(now).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]),
  );
}

function list(): Process[] {
  const pids = readdir('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => parse(read(`/proc/${pid}/stat`)) ?? []);
}

/** See proc_pid_stat(5): the name is in parentheses and may contain parentheses. utime, stime, cutime and cstime follow it. */
function parse(stat: string): Process | null {
  const end = stat.lastIndexOf(')');
  if (end < 0) return null;
  const fields = stat.slice(end + 2).split(' ');
  const seconds = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  return {
    pid: parseInt(stat),
    parent: Number(fields[1]),
    name: stat.slice(stat.indexOf('(') + 1, end),
    seconds,
  };
}

/** The children of this process whose program name begins with `name`. */
export function childrenNamed(name: string): number[] {
  return list()
    .filter((one) => one.parent === process.pid && one.name.startsWith(name))
    .map(({ pid }) => pid);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readdir(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
