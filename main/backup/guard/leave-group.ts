import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hasCode, messageOf } from '../../../shared/lib/app-error.ts';

const root = '/sys/fs/cgroup';
const ownGroup = 'trinity-backup-guard';

/**
 * Moves this process out of the control groups that it shares with another one, so that whoever kills a whole group (systemd does,
 * when it stops a unit) does not kill both. Undefined when they share none; else why not, for people.
 */
export function leaveGroupOf(process: number): string | undefined {
  if (globalThis.process.platform !== 'linux') return undefined;
  try {
    for (const shared of sharedGroups(process)) leave(shared);
    const [left] = sharedGroups(process);
    return left === undefined ? undefined : `it shares the control group ${left.group} with the command`;
  } catch (error) {
    return `it could not leave the command's control group (${messageOf(error)})`;
  }
}

/** One line of /proc/<pid>/cgroup: the hierarchy's controllers (empty for the unified one), and the group in it. */
type Group = Readonly<{ controllers: string; group: string }>;

function sharedGroups(other: number): readonly Group[] {
  const theirs = groupsOf(String(other));
  const isShared = (one: Group) =>
    theirs.some(({ controllers, group }) => controllers === one.controllers && group === one.group);
  // The root group cannot be killed as one.
  return groupsOf('self').filter((one) => one.group !== '/' && isShared(one));
}

function groupsOf(process: string): readonly Group[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${process}/cgroup`, 'utf8');
  } catch (error) {
    // It is dead already: nothing is shared with it.
    if (hasCode(error, 'ENOENT', 'ESRCH')) return [];
    throw error;
  }
  return text
    .trim()
    .split('\n')
    .map((line) => /^\d+:([^:]*):(.*)$/u.exec(line))
    .filter((match) => match !== null)
    .map(([, controllers = '', group = '/']) => ({ controllers, group }));
}

function leave({ controllers }: Group): void {
  const mount = controllers === '' ? unifiedMount() : path.join(root, controllers.replace(/^name=/u, ''));
  const folder = path.join(mount, ownGroup);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'cgroup.procs'), String(process.pid));
}

/** Where both kinds are in use the unified hierarchy has a folder of its own. */
function unifiedMount(): string {
  const hybrid = path.join(root, 'unified');
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${hybrid} `) ? hybrid : root;
}
