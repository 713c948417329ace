import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { projectFolder } from '../../build/entries.ts';
import { makeInstall } from './install.ts';
import { ours } from './peers.ts';
import type { Bench, Row } from './rows.ts';

/** What follows the start (the first look at the state, the first samples) has ended by then. */
const settleMs = 30_000;
const watchedMs = 120_000;
const mostShare = 0.001;
/** Linux counts a process's time in hundredths of a second, whatever its timer does. */
const ticksPerSecond = 100;

/** What the application takes of a core while nothing is to be done. */
export async function idleRow(bench: Bench): Promise<Row> {
  const install = await makeInstall(bench.work, 'idle');
  const tool = ours(bench.work, install, 'idle');
  await tool.prepare();
  await tool.command(['settings', 'set', 'enabled', 'false']);
  const env = { ...process.env, TRINITY_BACKUP_HOME: path.join(bench.work, 'idle-home') };
  const bundle = path.join(projectFolder, 'dist/trinity-backup.js');
  const serve = spawn(process.execPath, [bundle, 'serve', '--port', '0'], { env });
  const ended = once(serve, 'exit');
  try {
    await once(serve.stdout, 'data');
    await delay(settleMs);
    const before = cpuSeconds(serve.pid);
    await delay(watchedMs);
    const used = cpuSeconds(serve.pid) - before;
    const share = (used * 1000) / watchedMs;
    return {
      what: 'processor time of an idle application',
      goal: `at most ${mostShare * 100} % of a core`,
      measured: `${(share * 100).toFixed(3)} %`,
      met: share <= mostShare,
      detail: `${used.toFixed(2)} s in ${watchedMs / 1000} s; it has pages and REST open, and a vault`,
    };
  } finally {
    serve.kill('SIGTERM');
    await ended;
  }
}

/** User and system time of a process so far. */
function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // After the name, which may hold spaces, `utime` and `stime` are the 12th and 13th.
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / ticksPerSecond;
}
