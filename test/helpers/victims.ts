import { hierarchy, killGroup, makeControlGroup } from './control-group.ts';

/** What dies with SIGKILL: the process alone, everything in its process group, or in its control group. */
export type Victims = 'process' | 'process group' | 'control group';

/** Those that this machine knows. */
export const kinds: readonly Victims[] = [
  'process',
  'process group',
  ...(hierarchy === undefined ? [] : (['control group'] as const)),
];

/** How a process has to be started so that these can be killed, and nobody else with them. */
export type Doomed = Readonly<{ through: readonly string[]; kill: (pid: number) => void }>;

/** For the running test. */
export function doomed(victims: Victims): Doomed {
  if (victims !== 'control group') {
    const kill = (pid: number): void => void process.kill(victims === 'process' ? pid : -pid, 'SIGKILL');
    return { through: ['setsid'], kill };
  }
  const group = makeControlGroup();
  const enter = ['sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh'];
  return { through: ['setsid', ...enter], kill: () => killGroup(group) };
}
