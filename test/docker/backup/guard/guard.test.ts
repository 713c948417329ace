import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGuard } from '../../../../main/backup/guard/start-guard.ts';
import { threadEntry } from '../../../../main/platform/thread-entry.ts';
import { QuiesceJournal } from '../../../../main/trinity/quiesce/quiesce-journal.ts';
import { hierarchy, killGroup, makeControlGroup } from '../../../helpers/control-group.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { sharedEngine } from '../../../services/docker/test-engine.ts';
import { startSleeper, stateOf } from '../../trinity/quiesce/quiesce-lab.ts';

const engine = sharedEngine();
type Frozen = Readonly<{ pid: number; home: string; said: string }>;

/** Starts a process, in a control group where one is named, that pauses the container and waits. */
async function freezeInChild(name: string, group?: string): Promise<Frozen> {
  const home = await tempFolder();
  const entry = fileURLToPath(threadEntry(import.meta.url, './freeze-and-wait.child.ts'));
  const node = [process.execPath, entry, engine.socket, home, name];
  const command =
    group === undefined ? node : ['sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh', ...node];
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const { pid } = child;
  if (pid === undefined) throw new Error('The process could not be started.');
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once('line', resolve);
  });
  return { pid, home, said };
}

async function expectBack(name: string, home: string): Promise<void> {
  await expect.poll(async () => await stateOf(engine, name)).toBe('running');
  await expect.poll(() => readdirSync(path.join(home, 'journals'))).toStrictEqual([]);
}

describe('startGuard', () => {
  it('brings containers back when the process that froze them is killed with its whole group', async () => {
    await startSleeper(engine, 'guard-group');
    const { pid, home, said } = await freezeInChild('guard-group');
    expect(said).toMatch(/^frozen/u);
    expect(await stateOf(engine, 'guard-group')).toBe('paused');
    process.kill(-pid, 'SIGKILL');
    await expectBack('guard-group', home);
  });

  it.skipIf(hierarchy === undefined)('survives the killing of a whole control group', async () => {
    await startSleeper(engine, 'guard-cgroup');
    const group = makeControlGroup();
    const { home, said } = await freezeInChild('guard-cgroup', group);
    expect(said).toBe('frozen ');
    killGroup(group);
    await expectBack('guard-cgroup', home);
  });

  it('ends by itself when the journal is gone, and touches nothing', async () => {
    const home = await tempFolder();
    const journal = await QuiesceJournal.begin(path.join(home, 'journals'), {
      id: '0123456789ab',
      purpose: 'copying',
      host: `unix://${engine.socket}`,
    });
    await startGuard(journal.file, home);
    // What starts it may be there for a moment, too.
    await expect.poll(() => guardsOf(journal.file)).toHaveLength(1);
    await journal.remove();
    await expect.poll(() => guardsOf(journal.file)).toStrictEqual([]);
  });
});

/** Processes whose arguments name the journal. */
function guardsOf(journal: string): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/u.test(name) && commandOf(name).includes(journal));
}

function commandOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/cmdline`, 'utf8');
  } catch {
    // It ended between two looks.
    return '';
  }
}
