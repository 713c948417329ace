import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { findProgram } from './programs.ts';

/** What one Docker engine of the tests has on disk, all below `folder`. */
export type DaemonPlace = Readonly<{
  folder: string;
  socket: string;
  /** Docker's root: the content of a volume is at `<dataRoot>/volumes/<name>/_data`. */
  dataRoot: string;
  execRoot: string;
  pidFile: string;
  log: string;
}>;

const startLimitMs = 120_000;
const stopLimitMs = 30_000;
const pollMs = 50;

export function daemonPlace(folder: string): DaemonPlace {
  return {
    folder,
    // Short: the path of a Unix socket has at most 107 bytes.
    socket: path.join(folder, 's'),
    dataRoot: path.join(folder, 'data'),
    execRoot: path.join(folder, 'exec'),
    pidFile: path.join(folder, 'pid'),
    log: path.join(folder, 'log'),
  };
}

/** Starts dockerd on its own folders and answers once it serves; overlay2 where the disk can, else vfs. */
export async function startDaemon(place: DaemonPlace): Promise<void> {
  await mkdir(place.folder, { recursive: true });
  // Left by a killed daemon, it would make the next one wait 15 s for a containerd that is no more.
  await rm(path.join(place.execRoot, 'containerd/containerd.pid'), { force: true });
  if (await serves(place, 'overlay2')) return;
  if (/graphdriver|driver not supported/u.test(await endOfLog(place)) && (await serves(place, 'vfs'))) return;
  throw new Error(`dockerd does not start. The end of its log:\n${await endOfLog(place)}`);
}

/** False when the daemon ends instead. */
async function serves(place: DaemonPlace, driver: string): Promise<boolean> {
  const output = openSync(place.log, 'a');
  const child = spawn(
    // The daemon ends in order when whoever started it is killed; see also `sweepDaemons`.
    findProgram('setpriv') ?? 'setpriv',
    ['--pdeathsig', 'TERM', findProgram('dockerd') ?? 'dockerd', ...daemonFlags(place, driver)],
    { stdio: ['ignore', output, output], detached: true },
  );
  closeSync(output);
  child.unref();
  const deadline = Date.now() + startLimitMs;
  while (child.exitCode === null && child.signalCode === null) {
    if (await answersPing(place.socket)) return true;
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`dockerd does not answer. The end of its log:\n${await endOfLog(place)}`);
    }
    await delay(pollMs);
  }
  return false;
}

function daemonFlags(place: DaemonPlace, driver: string): readonly string[] {
  return [
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--bridge=none',
    `--storage-driver=${driver}`,
    `--data-root=${place.dataRoot}`,
    // Also keeps this daemon's containerd apart from that of another.
    `--exec-root=${place.execRoot}`,
    `--host=unix://${place.socket}`,
    `--pidfile=${place.pidFile}`,
    '--shutdown-timeout=2',
  ];
}

async function answersPing(socketPath: string): Promise<boolean> {
  try {
    await new Docker({ socketPath, timeout: 5000 }).ping();
    return true;
  } catch {
    // Not there yet, or it will never be: its exit tells.
    return false;
  }
}

/** Ends the daemon that runs on this place, if one does: in order, or at once by SIGKILL. */
export async function stopDaemon(place: DaemonPlace, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const pid = await daemonPid(place);
  if (pid === undefined) return;
  endProcess(pid, signal);
  const deadline = Date.now() + stopLimitMs;
  while (await isRunning(pid)) {
    if (Date.now() > deadline) endProcess(pid, 'SIGKILL');
    await delay(pollMs);
  }
}

/** One that has ended meanwhile is as good. */
export function endProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** The process of the daemon on this place; undefined when it has ended, also where another process has its number now. */
export async function daemonPid(place: DaemonPlace): Promise<number | undefined> {
  const pid = Number.parseInt(await textOf(place.pidFile), 10);
  if (!Number.isInteger(pid)) return undefined;
  const command = await textOf(`/proc/${String(pid)}/cmdline`);
  return command.includes(`--data-root=${place.dataRoot}`) ? pid : undefined;
}

/** Its command line is gone before its sockets are: only a process that has ended has let go of everything. */
async function isRunning(pid: number): Promise<boolean> {
  return /^\d+ \(.*\) [^Z]/u.test(await textOf(`/proc/${String(pid)}/stat`));
}

async function endOfLog(place: DaemonPlace): Promise<string> {
  return (await textOf(place.log)).slice(-3000);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return '';
    throw error;
  }
}
