import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram } from '../docker/programs.ts';
import { freePorts } from '../free-port.ts';
import { configurationFile, storageServers, writeConfiguration } from './configuration.ts';
import type { SwiftPlace } from './configuration.ts';

const run = promisify(execFile);
const startLimitMs = 120_000;
const stopLimitMs = 10_000;
const pollMs = 50;

export type Swift = AsyncDisposable & Readonly<{ endpoint: string }>;

/** Why OpenStack Swift cannot be started here, in words; undefined where it can. */
export function whyNoSwift(): string | undefined {
  if (process.platform !== 'linux') return 'OpenStack Swift is started on Linux only';
  const servers = [...storageServers, 'proxy'].map((server) => `swift-${server}-server`);
  const missing = [...servers, 'swift-ring-builder', 'memcached', 'setpriv'].filter(
    (name) => findProgram(name) === undefined,
  );
  if (missing.length === 0) return undefined;
  const packages = 'swift-proxy swift-account swift-container swift-object memcached';
  return `not installed: ${missing.join(', ')} (apt-get install ${packages})`;
}

/** Starts OpenStack Swift with its S3 interface on free ports of the loopback address; gone with all it holds when it is disposed. */
export async function startSwift(): Promise<Swift> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trinity-swift-'));
  const [account = 0, container = 0, object = 0, proxy = 0, memcached = 0] = await freePorts(5);
  const place: SwiftPlace = { folder, ports: { account, container, object, proxy, memcached } };
  const running: ChildProcess[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(running.map(endProcess));
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await writeConfiguration(place);
    for (const server of storageServers) await makeRing(place, server);
    running.push(startMemory(place));
    for (const server of [...storageServers, 'proxy']) running.push(startServer(place, server));
    const endpoint = `http://127.0.0.1:${String(proxy)}`;
    await untilItServes(place, running, endpoint);
    return { endpoint, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A ring of one device: where the data of a server lies. */
async function makeRing(place: SwiftPlace, server: (typeof storageServers)[number]): Promise<void> {
  const builder = path.join(place.folder, 'etc', `${server}.builder`);
  const device = `r1z1-127.0.0.1:${String(place.ports[server])}/d1`;
  const program = findProgram('swift-ring-builder') ?? 'swift-ring-builder';
  for (const args of [['create', '4', '1', '0'], ['add', device, '1'], ['rebalance']]) {
    await run(program, [builder, ...args]);
  }
}

function startMemory({ folder, ports }: SwiftPlace): ChildProcess {
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  return start(folder, 'memcached', [...user, '-l', '127.0.0.1', '-p', String(ports.memcached), '-U', '0']);
}

function startServer(place: SwiftPlace, server: string): ChildProcess {
  return start(place.folder, `swift-${server}-server`, [configurationFile(place, server)]);
}

/** It ends with whoever started it, also when that is killed. */
function start(folder: string, program: string, args: readonly string[]): ChildProcess {
  const output = openSync(logFile(folder), 'a');
  const file = findProgram(program) ?? program;
  const child = spawn(findProgram('setpriv') ?? 'setpriv', ['--pdeathsig', 'TERM', file, ...args], {
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  return child;
}

async function untilItServes(
  { folder }: SwiftPlace,
  running: readonly ChildProcess[],
  endpoint: string,
): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const ended = running.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    if (ended !== undefined || Date.now() > deadline) {
      const log = (await readFile(logFile(folder), 'utf8')).slice(-3000);
      throw new Error(
        `Swift does not start (${ended?.spawnargs.join(' ') ?? 'no answer'}). The end of its log:\n${log}`,
      );
    }
    if (await answers(endpoint)) return;
    await delay(pollMs);
  }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    // The whole way to the servers behind: an account that is made when it is first asked for.
    const answer = await fetch(`${endpoint}/auth/v1.0`, {
      headers: { 'x-storage-user': 'test:tester', 'x-storage-pass': 'testing' },
    });
    const account = answer.headers.get('x-storage-url') ?? '';
    const token = answer.headers.get('x-auth-token') ?? '';
    if (account === '') return false;
    return (await fetch(account, { method: 'HEAD', headers: { 'x-auth-token': token } })).ok;
  } catch {
    // Not there yet.
    return false;
  }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  await ended;
  clearTimeout(patience);
}

function logFile(folder: string): string {
  return path.join(folder, 'log');
}
