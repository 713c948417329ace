import { compareNames } from '../../../shared/lib/name-order.ts';
import type { AgentVolume, ListedAgent } from '../../../shared/model/agent-list.ts';
import type { Manifest } from '../../../shared/model/manifest.ts';
import type { BackupSettings } from '../../../shared/model/settings.ts';
import { agentsState, type VolumeState } from '../../backup/agents-state.ts';
import type { AgentRow, PlannedVolume, VolumePlan } from '../../trinity/install.ts';
import { parseAgentVolumeName } from '../../trinity/volume-name.ts';

export type AgentFacts = Readonly<{
  rows: readonly AgentRow[];
  /** Undefined where the install cannot be looked at: what the backups know is all there is. */
  plan: Pick<VolumePlan, 'volumes' | 'skippedAgents'> | undefined;
  /** Volumes that are there and that no plan has. */
  others: readonly Pick<PlannedVolume, 'name' | 'users'>[];
  /** Live backups of the install, newest first. */
  manifests: readonly Manifest[];
  settings: Pick<BackupSettings, 'agents'>;
}>;

export type AgentList = Readonly<{ agents: readonly ListedAgent[]; ownerless: readonly AgentVolume[] }>;

/** Every agent that is or was: of the database, of a container, of a volume that is left, or of a backup; live ones first. */
export function listAgents(facts: AgentFacts): AgentList {
  const volumes = volumesOf(facts);
  const known = [...facts.rows.map(rowIdentity), ...containerIdentities(facts)];
  const left = [...volumeIdentities(volumes, known), ...backupIdentities(facts, known)];
  const agents = unique([...known, ...left]).map((identity) => agentOf(identity, volumes, facts));
  const taken = new Set(agents.flatMap((agent) => agent.volumes.map(({ volume }) => volume)));
  return {
    agents: agents.toSorted(byStandingAndName),
    ownerless: [
      ...volumes.filter(({ planned, shown }) => planned?.role !== 'platform' && !taken.has(shown.volume)),
      ...facts.others.map((other) => ({ shown: otherVolume(other) })),
    ]
      .map(({ shown }) => shown)
      .toSorted((one, other) => compareNames(one.volume, other.volume)),
  };
}

type Volume = Readonly<{
  shown: AgentVolume;
  planned?: PlannedVolume | undefined;
  agents: readonly string[];
  base: string | undefined;
}>;
type Identity = Pick<ListedAgent, 'name' | 'base' | 'standing' | 'deletedAt'>;

function volumesOf({ plan, manifests }: AgentFacts): readonly Volume[] {
  const planned = new Map(plan?.volumes.map((volume) => [volume.name, volume]));
  return agentsState(manifests, plan?.volumes).volumes.map((state) => {
    const own = planned.get(state.volume);
    return {
      shown: shownVolume(state, own),
      planned: own,
      agents: own === undefined ? state.agents : own.agents,
      base: own?.labels['trinity.agent-name'] ?? parseAgentVolumeName(state.volume)?.base,
    };
  });
}

function shownVolume(
  { volume, coverage, lastBackupAt, bytes, frozenMs, consistency }: VolumeState,
  planned: PlannedVolume | undefined,
): AgentVolume {
  return {
    volume,
    coverage,
    lastBackupAt,
    bytes,
    frozenMs,
    included: planned?.included ?? false,
    reason: planned?.reason ?? 'It is not there now; backups hold it.',
    held: consistency,
  };
}

function otherVolume({ name, users }: AgentFacts['others'][number]): AgentVolume {
  const containers = [...new Set(users.map(({ container }) => container))];
  const reason =
    containers.length === 0
      ? 'Nothing mounts it, and it is none of Trinity.'
      : `It is none of Trinity; mounted by ${containers.join(', ')}.`;
  return {
    volume: name,
    coverage: 'left-out',
    included: false,
    reason,
    lastBackupAt: null,
    bytes: null,
    frozenMs: null,
    held: null,
  };
}

function rowIdentity({ name, volumeBase, deletedAt }: AgentRow): Identity {
  const isLive = deletedAt === undefined;
  return { name, base: volumeBase, standing: isLive ? 'live' : 'deleted', deletedAt: deletedAt ?? null };
}

/** Without a readable database, containers tell which agents there are. */
function containerIdentities({ rows, plan }: AgentFacts): readonly Identity[] {
  const names = plan?.volumes.flatMap(({ users }) => users.flatMap(({ agent }) => agent ?? [])) ?? [];
  const unknown = [...new Set(names)].filter((name) => !rows.some((row) => row.name === name));
  return unknown.map((name) => ({ name, base: name, standing: 'live', deletedAt: null }));
}

/** Volumes of agents that nobody has any more: destroyed, but for them. */
function volumeIdentities(volumes: readonly Volume[], known: readonly Identity[]): readonly Identity[] {
  const bases = volumes.flatMap(({ agents, base }) =>
    agents.length > 0 || base === undefined ? [] : [base],
  );
  return gone(bases, known);
}

/** Agents that only backups know. */
function backupIdentities({ manifests }: AgentFacts, known: readonly Identity[]): readonly Identity[] {
  const names = manifests.flatMap(({ sources }) =>
    sources.flatMap(({ state, component, volume, agents }) => {
      if (state === 'failed' || component !== 'memory') return [];
      return agents.length > 0 ? agents : (parseAgentVolumeName(volume)?.base ?? []);
    }),
  );
  return gone(names, known);
}

function gone(names: readonly string[], known: readonly Identity[]): readonly Identity[] {
  const isKnown = (name: string): boolean => known.some((one) => one.name === name || one.base === name);
  return [...new Set(names)]
    .filter((name) => !isKnown(name))
    .map((name) => ({ name, base: name, standing: 'destroyed', deletedAt: null }));
}

function unique(identities: readonly Identity[]): readonly Identity[] {
  return [...new Map(identities.toReversed().map((one) => [one.name, one])).values()].toReversed();
}

function agentOf(
  identity: Identity,
  volumes: readonly Volume[],
  { plan, settings }: AgentFacts,
): ListedAgent {
  const { name, base } = identity;
  const own = volumes.filter(
    (volume) => volume.agents.includes(name) || (volume.agents.length === 0 && volume.base === base),
  );
  const users = plan?.volumes.flatMap((volume) => volume.users) ?? [];
  const chosen = settings.agents[base];
  return {
    ...identity,
    containerState: users.find(({ agent }) => agent === name)?.state ?? null,
    included: chosen?.include ?? true,
    consistency: chosen?.consistency ?? 'pause',
    skipped: plan?.skippedAgents.find(({ agent }) => agent === name)?.reason ?? null,
    volumes: own.map(({ shown }) => shown),
  };
}

const order = { live: 0, deleted: 1, destroyed: 2 } as const;

function byStandingAndName(one: ListedAgent, other: ListedAgent): number {
  return order[one.standing] - order[other.standing] || compareNames(one.name, other.name);
}
