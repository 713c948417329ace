import type { BackupSettings } from '../../../shared/model/settings.ts';
import type { ContainerFacts, VolumeFacts } from '../docker/engine-facts.ts';
import { agentContainersOf } from '../docker/trinity-containers.ts';
import { usesOf } from '../volumes/install-volumes.ts';

/** A running container that may write to a volume, and how it is to be held while that is copied. */
export type VolumeWriter = Readonly<{
  container: Pick<ContainerFacts, 'id' | 'name' | 'startedAt'>;
  action: 'pause' | 'stop';
}>;

/**
 * Who has to be held for a copy of one moment: `idle` when nobody can write, `held` with those that run just now. `live`: nobody is held,
 * for a reason that is a sentence.
 */
export type VolumeUnit =
  | Readonly<{ kind: 'idle' }>
  | Readonly<{ kind: 'held'; writers: readonly VolumeWriter[] }>
  | Readonly<{ kind: 'live'; reason: string }>;

export type HoldChoices = Readonly<{
  agents: BackupSettings['agents'];
  /** Volume bases of agents by their names: settings go by the base, which no renaming changes. */
  bases: ReadonlyMap<string, string>;
}>;

/**
 * Every running container that mounts the volume writable, agents and others alike: they are held together, since any of them can
 * write. What is stopped writes nothing. What is paused is not held once more, but may be paused by another run that lets it go.
 */
export function volumeUnit(
  volume: VolumeFacts,
  containers: readonly ContainerFacts[],
  choices: HoldChoices,
): VolumeUnit {
  const writing = containers.filter((container) =>
    usesOf(volume, container).some(({ writable }) => writable),
  );
  const restarting = writing.find(({ state }) => state === 'restarting');
  if (restarting !== undefined)
    return { kind: 'live', reason: `${restarting.name} is restarting and cannot be held.` };
  const writers: VolumeWriter[] = [];
  for (const container of writing.filter(({ state }) => state === 'running')) {
    const consistency = consistencyOf(container, choices);
    if (consistency === 'live')
      return { kind: 'live', reason: `By the settings ${container.name} is not held.` };
    writers.push({ container, action: consistency });
  }
  const isIdle = writers.length === 0 && !writing.some(({ state }) => state === 'paused');
  return isIdle ? { kind: 'idle' } : { kind: 'held', writers };
}

function consistencyOf(
  container: ContainerFacts,
  { agents, bases }: HoldChoices,
): BackupSettings['agents'][string]['consistency'] {
  const [agent] = agentContainersOf([container]);
  if (agent === undefined) return 'pause';
  return agents[bases.get(agent.name) ?? agent.name]?.consistency ?? 'pause';
}
