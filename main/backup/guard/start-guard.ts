import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { ownProcesses } from '../../platform/own-processes.ts';
import { threadEntry } from '../../platform/thread-entry.ts';

/** The first and only line that a guard writes. `reason` beside `watching`: what it would not survive. */
export type GuardHello = Readonly<{ state: 'watching' | 'failed'; reason?: string }>;

const helloLimitMs = 15_000;

/**
 * Starts the process that brings back the containers a journal names, should this one die. It has a session and, where the system lets
 * it, a control group of its own, and ends by itself with the journal. Resolves, once it watches, with what it would not survive.
 * Rejects with `failed` when it cannot be had: then no container may be touched.
 */
export async function startGuard(journal: string, home: string): Promise<string | undefined> {
  const command = ownProcesses().guardCommand(threadEntry(import.meta.url, './guard.child.ts'));
  const guard = [...command, journal, home, String(process.pid)];
  const scope = scopeCommand();
  // Whatever is wrong with systemd, a guard in our own group is better than none.
  const hello =
    (scope === undefined ? undefined : await tryStart([...scope, ...guard])) ?? (await tryStart(guard));
  if (hello?.state === 'watching') return hello.reason;
  throw new AppError(
    'failed',
    `The process that would bring agents back does not start (${hello?.reason ?? 'it says nothing'}).`,
  );
}

async function tryStart(command: readonly string[]): Promise<GuardHello | undefined> {
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, {
    detached: true,
    // Nothing of the caller's: whoever waits for the end of its output must not wait for the guard.
    stdio: ['ignore', 'pipe', 'ignore'],
    env: guardEnvironment(),
  });
  try {
    const hello = await firstLine(child);
    if (hello === undefined) child.kill('SIGKILL');
    return hello;
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
}

const environmentNames = ['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'];

/** No secret of ours. */
function guardEnvironment(): NodeJS.ProcessEnv {
  const names = [...environmentNames, ...ownProcesses().guardEnvironment];
  const kept = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return Object.fromEntries(kept);
}

function firstLine(child: ChildProcess): Promise<GuardHello | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), helloLimitMs);
    const end = (hello: GuardHello | undefined): void => {
      clearTimeout(timer);
      resolve(hello);
    };
    child.once('error', (error) => end({ state: 'failed', reason: messageOf(error) }));
    if (child.stdout === null) return;
    const lines = createInterface({ input: child.stdout });
    lines.once('line', (line) => end(helloOf(line)));
    lines.once('close', () => end(undefined));
  });
}

function helloOf(line: string): GuardHello | undefined {
  try {
    // Written by our own guard; anything else has no such state.
    return JSON.parse(line) as GuardHello;
  } catch {
    // systemd-run, or a Node that warns, said something: this start counts for nothing.
    return undefined;
  }
}

/** Starts what follows in a scope of systemd's, where systemd runs; undefined elsewhere. */
function scopeCommand(): readonly string[] | undefined {
  const program = programOf('systemd-run');
  if (program === undefined || !isAccessible('/run/systemd/system', constants.F_OK)) return undefined;
  const manager = process.getuid?.() === 0 ? [] : ['--user'];
  return [program, ...manager, '--scope', '--quiet', '--collect', '--'];
}

function programOf(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, name)).find((file) => isAccessible(file, constants.X_OK));
}

function isAccessible(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    // Not there, or not for us: both mean that it cannot be used.
    return false;
  }
}
