import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { daemonPid, daemonPlace, endProcess, startDaemon, stopDaemon } from './daemon.ts';
import type { DaemonPlace } from './daemon.ts';

const run = promisify(execFile);
const folderPrefix = 'trinity-engine-';
const ownerFile = 'owner';

/** A Docker engine of the tests, by its place: what one process has started, another one can use. */
export interface Engine {
  readonly place: DaemonPlace;
  readonly socket: string;
  readonly client: Docker;
  /** Where the content of a volume lies on this host. */
  volumeData(this: void, name: string): string;
}

/** An engine that this process has started, and that it ends. */
export interface OwnEngine extends Engine, AsyncDisposable {
  /** Ends the daemon: SIGTERM stops its containers, SIGKILL leaves them running without anybody to ask. */
  stop(this: void, signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again after `stop`, on what it had. */
  start(this: void): Promise<void>;
  /** Ends it with its containers and removes everything it had. */
  remove(this: void): Promise<void>;
}

export function engineAt(folder: string): Engine {
  const place = daemonPlace(folder);
  return {
    place,
    socket: place.socket,
    client: new Docker({ socketPath: place.socket }),
    volumeData: (name) => path.join(place.dataRoot, 'volumes', name, '_data'),
  };
}

/** Starts an empty engine, apart from every other. */
export async function startEngine(): Promise<OwnEngine> {
  await sweepEngines();
  const folder = await mkdtemp(path.join(tmpdir(), folderPrefix));
  await writeFile(path.join(folder, ownerFile), await processMark(process.pid));
  // Users other than root reach the socket, once a test lets them.
  await chmod(folder, 0o755);
  const engine = engineAt(folder);
  await startDaemon(engine.place);
  const remove = async (): Promise<void> => await removeEngine(engine);
  return {
    ...engine,
    remove,
    start: async () => await startDaemon(engine.place),
    stop: async (signal) => await stopDaemon(engine.place, signal),
    [Symbol.asyncDispose]: remove,
  };
}

async function removeEngine(engine: Engine): Promise<void> {
  if ((await daemonPid(engine.place)) !== undefined) await removeContainers(engine);
  await stopDaemon(engine.place);
  await endLeftovers(engine.place.folder);
  await unmountBelow(engine.place.folder);
  // Those that were killed may be on their way out.
  await rm(engine.place.folder, { recursive: true, force: true, maxRetries: 10 });
}

/** Killed and removed by force: a daemon that stops waits for each of its containers. */
export async function removeContainers({ client }: Engine): Promise<void> {
  const containers = await client.listContainers({ all: true });
  await Promise.all(
    containers.map(async ({ Id }) => await client.getContainer(Id).remove({ force: true, v: true })),
  );
}

/** Ends what a killed daemon left: its containerd and the shims of its containers, known by their folder. */
async function endLeftovers(folder: string): Promise<void> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/u.test(name)) continue;
    const command = await readIfThere(`/proc/${name}/cmdline`);
    const program = path.basename(command.split('\0')[0] ?? '');
    if (/^(?:containerd|dockerd)/u.test(program) && command.includes(`${folder}/`))
      endProcess(Number(name), 'SIGKILL');
  }
}

async function mountsBelow(folder: string): Promise<readonly string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  return mounts.map((line) => line.split(' ')[1] ?? '').filter((at) => at.startsWith(`${folder}/`));
}

async function unmountBelow(folder: string): Promise<void> {
  for (const at of (await mountsBelow(folder)).toReversed()) {
    try {
      await run('umount', ['-l', at]);
    } catch (error) {
      // Whoever had mounted it was quicker.
      if ((await mountsBelow(folder)).includes(at)) throw error;
    }
  }
}

/** Removes the engines of runs that were killed. */
async function sweepEngines(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(folderPrefix)) continue;
    const folder = path.join(tmpdir(), name);
    const mark = await readIfThere(path.join(folder, ownerFile));
    if (mark === '' || mark === (await processMark(Number(mark.split(' ')[0])))) continue;
    await removeEngine(engineAt(folder));
  }
}

/** Number and start time of a process, which no other process ever has; empty when there is none. */
async function processMark(pid: number): Promise<string> {
  const stat = await readIfThere(`/proc/${String(pid)}/stat`);
  // The name of the program, in brackets, may hold anything; 19 fields after it stands the start time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' ? '' : `${String(pid)} ${fields[19] ?? ''}`;
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return '';
    throw error;
  }
}
