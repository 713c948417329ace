import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { endProcess } from '../services/docker/daemon.ts';

/** Where control groups can be made: the unified hierarchy, or one of the older kind; undefined: nowhere. */
export const hierarchy = ['/sys/fs/cgroup', '/sys/fs/cgroup/pids'].find(
  (folder) => existsSync(path.join(folder, 'cgroup.procs')) && isWritable(folder),
);

let count = 0;

/** An empty group, which goes with the test. */
export function makeControlGroup(): string {
  count += 1;
  const group = path.join(hierarchy ?? '', `trinity-test-${String(process.pid)}-${String(count)}`);
  mkdirSync(group);
  onTestFinished(async () => await vi.waitFor(() => rmdirSync(group), { timeout: 100_000 }));
  return group;
}

/** Everything in it, as systemd does when it stops a unit. */
export function killGroup(group: string): void {
  const whole = path.join(group, 'cgroup.kill');
  if (existsSync(whole)) writeFileSync(whole, '1');
  else {
    const processes = readFileSync(path.join(group, 'cgroup.procs'), 'utf8').match(/\d+/gu) ?? [];
    for (const each of processes) endProcess(Number(each), 'SIGKILL');
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    // Read-only for us: no groups can be made.
    return false;
  }
}
