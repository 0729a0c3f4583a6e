import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayEnter } from './os-user.js';

/*
 * Everything the local servers leave behind is gone when this process ends, however it ends.
 *
 * One temporary folder per process holds all data directories, logs and, as `processes/<pid>`, the name of the
 * signal that stops each child. A detached shell waits at the other end of a pipe. The pipe closes with this
 * process, also with SIGKILL; the shell then stops the children that are still noted and removes the folder.
 */

/** A hold on the temporary folder; the folder goes with the last lease. */
export interface Lease {
  /** Own folder within the temporary folder, mode 0700, removed by `release`. */
  readonly folder: string;
  /** The temporary folder, the same for all leases held at a time. */
  readonly sharedFolder: string;
  /** Whether it was released, perhaps by a Ctrl-C in the middle of a start: then start nothing more. */
  isReleased(): boolean;
  /** Notes a child that leads its own process group, so that it never outlives this process. */
  own(pid: number, stopSignal: NodeJS.Signals): void;
  /** Forgets a child that has ended. */
  disown(pid: number): void;
  /** Removes the lease's folder and, with the last lease, the temporary folder. Safe to repeat. */
  release(): Promise<void>;
}

interface Session {
  readonly folder: string;
  readonly reaper: ChildProcess;
  readonly leases: Map<Lease, () => Promise<void>>;
}

// A zombie counts as ended: whoever inherits an orphan may be slow to collect it, or never do so in a container.
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
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** That new leases are taken on. */
let session: Session | undefined;
/** Those whose reaper has not finished. */
const sessions = new Set<Session>();
let ending: Promise<void> | undefined;
let signalledAt: number | undefined;

/**
 * Takes a lease on the temporary folder.
 *
 * @param name shows in the folder's name
 * @param stop called when the process is about to end with the lease still held (Ctrl-C, SIGTERM, nothing left to
 *   do), last lease first: what depends on a server takes its lease after it and is stopped before it
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
  // root's own TMPDIR may be closed to the user that the servers run as.
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
    // What fails from now on fails because its server has gone; it must neither be shown nor cut this short.
    process.on('uncaughtException', ignore);
    process.on('unhandledRejection', ignore);
    stopAll().then(end, end);
  } else if (performance.now() - signalledAt > 500) {
    // A second Ctrl-C, and not the first one again: npm forwards the signal that the terminal sent to both.
    end();
  }
}

const ignore = () => undefined;

function endOnIdle(): void {
  stopAll().catch((error: unknown) => {
    console.error(error);
  });
}

/** An uncaught error, process.exit() or a second Ctrl-C leave no time to ask: the reaper's script, while we wait. */
function endAtOnce(): void {
  for (const { folder } of sessions) {
    spawnSync('/bin/sh', [join(folder, 'reaper.sh'), folder], { stdio: 'ignore' });
  }
}
