import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { threadEntry } from '../../../main/platform/thread-entry.ts';
import { doomed, type Victims } from '../../helpers/victims.ts';
import { firstEvent } from '../../services/docker/engine-events.ts';
import type { LiveLab } from './live-lab.ts';

/** Where it dies: at a step of the restore, or when the engine tells the first event of this kind, and no later than at a step. */
export type Moment = Readonly<{ step: string } | { event: 'die' | 'start'; before: string }>;

const entry = fileURLToPath(threadEntry(import.meta.url, './live-restore.child.ts'));

export type Killing = Readonly<{
  at: Moment;
  victims: Victims;
  access?: 'auto' | 'helper';
  /** As a power cut would: nobody is left. */
  guardsToo?: boolean;
  /** One agent under another name, instead of everything in place. */
  copied?: Readonly<{ agent: string; name: string }>;
}>;

/** Restores in another process, and kills that at the moment that is named. Resolves when it is dead: whether it had come to the step. */
export async function killRestore(
  lab: Pick<LiveLab, 'base' | 'engine' | 'home' | 'recoveryKey'>,
  backupId: string,
  { at, victims, access = 'auto', guardsToo = false, copied }: Killing,
): Promise<boolean> {
  const { base, engine, recoveryKey } = lab;
  const step = 'step' in at ? at.step : at.before;
  const names = copied === undefined ? [] : [copied.agent, copied.name];
  const node = [process.execPath, entry, base, engine.socket, recoveryKey, backupId, step, access, ...names];
  const { through, kill } = doomed(victims);
  const [program = '', ...parameters] = [...through, ...node];
  const event = 'event' in at ? await firstEvent(engine, at.event) : undefined;
  const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += String(data)));
  const ended = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  const line = new Promise<void>((resolve) =>
    createInterface({ input: child.stdout }).once('line', (text) => {
      said = text;
      resolve();
    }),
  );
  const gone = ended.then(() => 'gone');
  const isGone = (await Promise.race([event?.first ?? line, gone])) === 'gone';
  if (isGone || (event === undefined && said !== step))
    throw new Error(`The restore ended before ${JSON.stringify(at)}: ${said} ${stderr}`);
  const { pid } = child;
  if (pid === undefined) throw new Error('The process could not be started.');
  // First: they would see that it has died.
  if (guardsToo && killGuards(lab.home) === 0) throw new Error('There is no guard.');
  kill(pid);
  await ended;
  if (child.signalCode !== 'SIGKILL') throw new Error(`It did not die: ${stderr}`);
  return said === step;
}

/** How many guards of a home there were. */
function killGuards(home: string): number {
  const guards = readdirSync('/proc').filter((name) => /^\d+$/u.test(name) && isGuardOf(name, home));
  for (const guard of guards) process.kill(Number(guard), 'SIGKILL');
  return guards.length;
}

function isGuardOf(name: string, home: string): boolean {
  try {
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
    return command.includes(home) && command.some((part) => part.includes('guard.child'));
  } catch {
    // It ended between two looks.
    return false;
  }
}
