import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayEnter } from './os-user.js';

/*
 * Stops the local servers and removes their files when this process ends, also after SIGKILL.
 *
 * Each process has one temporary folder for all data directories and logs. The file `processes/<pid>` has the name of the
 * signal that stops this child. A detached shell waits at the other end of a pipe. When this process ends, the pipe is closed.
 * The shell then stops the children that are still registered, and removes the folder, and the shared memory of servers that were killed.
 */

/** A lease on the temporary folder. The folder is removed with the last lease. */
export interface Lease {
  /** The lease's folder in the temporary folder, with mode 0700. `release` removes it. */
  readonly folder: string;
  /** The temporary folder, which all present leases share. */
  readonly sharedFolder: string;
  /** Whether the lease was released, perhaps by Ctrl+C during a start. Then start nothing more. */
  isReleased(): boolean;
  /** Registers a child that leads its own process group, so that it is stopped when this process ends. */
  own(pid: number, stopSignal: NodeJS.Signals): void;
  /** Removes a child that has ended from the register. */
  disown(pid: number): void;
  /** Removes the lease's folder and, with the last lease, the temporary folder. Can be called again. */
  release(): Promise<void>;
}

interface Session {
  readonly folder: string;
  readonly reaper: ChildProcess;
  readonly leases: Map<Lease, () => Promise<void>>;
}

// A zombie counts as ended, because the new parent of an orphan may collect it late, or never in a container.
const reaperScript = `
trap '' HUP INT TERM
read -r _
running() {
  if [ -r "/proc/$1/stat" ]; then read -r _ _ state _ <"/proc/$1/stat"; else state=$(ps -o stat= -p "$1"); fi
  case $state in '' | Z* | X*) return 1 ;; esac
}
for noted in "$1"/processes/*; do
  [ -e "$noted" ] && kill -s "$(cat "$noted")" -- "-\${noted##*/}" && kill -s CONT -- "-\${noted##*/}"
done
for noted in "$1"/processes/*; do
  tries=0
  while [ -e "$noted" ] && running "\${noted##*/}" && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
  [ -e "$noted" ] && kill -s KILL -- "-\${noted##*/}"
done
find "$1" -maxdepth 4 -name postmaster.pid | while read -r file; do
  segment=$(sed -n '7s/.* //p' "$file")
  [ -n "$segment" ] && ipcrm -m "$segment"
done
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The reaper for new leases. */
let session: Session | undefined;
/** All reapers that have not finished. */
const sessions = new Set<Session>();
let ending: Promise<void> | undefined;
let signalledAt: number | undefined;

/**
 * Takes a lease on the temporary folder.
 *
 * @param name used in the folder's name
 * @param stop called if the process is about to end (Ctrl+C, SIGTERM, or nothing left to do) and the lease is still held. The
 *   last lease is stopped first, so a dependent process must take its lease after its server
 */
export function takeLease(name: string, stop: () => Promise<void>): Lease {
  const current = (session ??= openSession());
  const folder = mkdtempSync(join(current.folder, `${name}-`));
  const note = (pid: number) => join(current.folder, 'processes', String(pid));
  const lease: Lease = {
    folder,
    sharedFolder: current.folder,
    isReleased: () => !current.leases.has(lease),
    own: (pid, stopSignal) => {
      writeFileSync(note(pid), stopSignal.replace(/^SIG/, ''));
    },
    disown: (pid) => {
      rmSync(note(pid), { force: true });
    },
    release: async () => {
      if (!current.leases.delete(lease)) return;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      if (current.leases.size === 0) await closeSession(current);
    },
  };
  current.leases.set(lease, stop);
  return lease;
}

function openSession(): Session {
  // The user that runs the servers may not be allowed to enter root's own TMPDIR.
  const asRoot = process.getuid?.() === 0;
  const parents = [tmpdir(), '/tmp', '/var/tmp'];
  const parent = asRoot ? (parents.find((folder) => mayEnter(folder)) ?? tmpdir()) : tmpdir();
  const folder = mkdtempSync(join(realpathSync(parent), 'sequence-failover-'));
  if (asRoot) chmodSync(folder, 0o711);
  mkdirSync(join(folder, 'processes'));
  writeFileSync(join(folder, 'reaper.sh'), reaperScript);
  const reaper = spawn('/bin/sh', [join(folder, 'reaper.sh'), folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.unref();
  if (sessions.size === 0) {
    for (const signal of signals) process.on(signal, endOnSignal);
    process.on('beforeExit', endOnIdle);
    process.on('exit', endAtOnce);
  }
  const opened = { folder, reaper, leases: new Map<Lease, () => Promise<void>>() };
  sessions.add(opened);
  return opened;
}

async function closeSession(closing: Session): Promise<void> {
  if (session === closing) session = undefined;
  const { reaper, folder } = closing;
  if (reaper.exitCode === null && reaper.signalCode === null) {
    reaper.ref();
    const reaped = new Promise((resolve) => reaper.once('close', resolve));
    reaper.stdin?.end();
    await reaped;
  }
  rmSync(folder, { recursive: true, force: true });
  sessions.delete(closing);
  if (sessions.size === 0) {
    for (const signal of signals) process.off(signal, endOnSignal);
    process.off('beforeExit', endOnIdle);
    process.off('exit', endAtOnce);
  }
}

function stopAll(): Promise<void> {
  ending ??= (async () => {
    for (const [lease, stop] of [...(session?.leases ?? [])].reverse()) {
      await stop().catch((error: unknown) => {
        console.error(error);
      });
      await lease.release();
    }
  })().finally(() => {
    ending = undefined;
  });
  return ending;
}

function endOnSignal(signal: NodeJS.Signals): void {
  const end = () => process.exit(128 + constants.signals[signal]);
  if (signalledAt === undefined) {
    signalledAt = performance.now();
    // Errors from now on are caused by the stopped servers. They must not be shown, and must not interrupt the clean-up.
    process.on('uncaughtException', ignore);
    process.on('unhandledRejection', ignore);
    stopAll().then(end, end);
  } else if (performance.now() - signalledAt > 500) {
    // React to a second Ctrl+C. The same signal may come twice, because npm forwards the signal that the terminal has sent to both.
    end();
  }
}

const ignore = () => undefined;

function endOnIdle(): void {
  stopAll().catch((error: unknown) => {
    console.error(error);
  });
}

/** After an uncaught error, process.exit() or a second Ctrl+C there is no time for `stop`: waits for the reaper's script instead. */
function endAtOnce(): void {
  for (const { folder } of sessions) {
    spawnSync('/bin/sh', [join(folder, 'reaper.sh'), folder], { stdio: 'ignore' });
  }
}
