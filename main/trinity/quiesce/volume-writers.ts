import type { BackupSettings } from '../../../shared/model/settings.ts';
import type { ContainerFacts } from '../docker/engine-facts.ts';
import type { PlannedVolume } from '../install.ts';

/** A running container that may write to a volume, and how it is to be held while that is copied. */
export type VolumeWriter = Readonly<{ container: ContainerFacts; action: 'pause' | 'stop' }>;

/** Who has to be held for a copy of one moment; `live`: nobody is, for this reason. */
export type VolumeUnit =
  | Readonly<{ kind: 'idle' }>
  | Readonly<{ kind: 'held'; writers: readonly VolumeWriter[] }>
  | Readonly<{ kind: 'live'; reason: string }>;

const agentPrefix = 'agent-';

/**
 * Every running container that mounts the volume writable, agents and others alike: all of them are held together, since any of them
 * can write. What is paused or stopped already writes nothing and is let alone. `bases`: volume bases of agents by their names.
 */
export function volumeUnit(
  volume: Pick<PlannedVolume, 'name'>,
  containers: readonly ContainerFacts[],
  {
    settings,
    bases,
  }: Readonly<{ settings: Pick<BackupSettings, 'agents'>; bases: ReadonlyMap<string, string> }>,
): VolumeUnit {
  const writing = containers.filter((container) => mountsWritable(container, volume.name));
  const restarting = writing.find(({ state }) => state === 'restarting');
  if (restarting !== undefined)
    return { kind: 'live', reason: `${restarting.name} is restarting, and cannot be held` };
  const running = writing.filter(({ state }) => state === 'running');
  const writers: VolumeWriter[] = [];
  for (const container of running) {
    const consistency = settings.agents[baseOf(container, bases)]?.consistency ?? 'pause';
    if (consistency === 'live')
      return { kind: 'live', reason: `the settings say that ${container.name} is not to be held` };
    writers.push({ container, action: consistency });
  }
  return writers.length === 0 ? { kind: 'idle' } : { kind: 'held', writers };
}

function mountsWritable({ mounts }: ContainerFacts, volume: string): boolean {
  return mounts.some((mount) => mount.volume === volume && mount.writable);
}

/** Settings name agents by their volume base, which no renaming changes. */
function baseOf({ name }: ContainerFacts, bases: ReadonlyMap<string, string>): string {
  const agent = name.startsWith(agentPrefix) ? name.slice(agentPrefix.length) : name;
  return bases.get(agent) ?? agent;
}
