import type { AgentContainer } from './docker/trinity-containers.ts';
import type { AgentRow, VolumePlan, VolumeRole } from './install.ts';
import { agentVolumeName, parseAgentVolumeName, type AgentVolumeKind } from './volume-name.ts';

export type VolumeClaim = Readonly<{
  role: VolumeRole;
  /** Names of the agents it serves. */
  agents: readonly string[];
  /** By which `agents` of the settings leave it out: it is left out when all are. */
  bases: readonly string[];
  reason: string;
}>;

/** What containers and the rows of a database say of volumes, whether these are there or not. */
export type VolumeClaims = Readonly<{
  byVolume: ReadonlyMap<string, VolumeClaim>;
  /** Volumes that must be there. */
  expected: VolumePlan['missing'];
  skipped: VolumePlan['skippedAgents'];
}>;

type Claim = Readonly<{
  volume: string;
  role: AgentVolumeKind;
  agent: Pick<AgentRow, 'name' | 'volumeBase'>;
  expected: boolean;
  reason: string;
}>;

/** Where Trinity mounts an agent's own volumes; `shared-in/…` are those of others. */
const roleOfTarget: Readonly<Record<string, AgentVolumeKind>> = {
  '/home/developer': 'workspace',
  // An older system agent.
  '/home/developer/workspace': 'workspace',
  '/home/developer/public': 'public',
  '/home/developer/shared-out': 'shared',
};

const ephemeral = 'It is ephemeral: it has no volume of its own.';

/**
 * Which volumes the agents of a database have, had before they were renamed, or should have, together with what their containers
 * mount: a name alone tells too little after a renaming.
 */
export function claimVolumes(
  agents: readonly AgentRow[],
  containers: readonly AgentContainer[] = [],
): VolumeClaims {
  const skipped: { agent: string; reason: string }[] = [];
  const claims: Claim[] = [];
  const liveNames = new Set(agents.map((agent) => agent.name));
  for (const agent of agents) {
    const reason = skipReason(agent);
    if (reason === undefined) claims.push(...claimsOf(agent, liveNames));
    else skipped.push({ agent: agent.name, reason });
  }
  for (const container of containers) {
    if (!container.isEphemeral) claims.push(...claimsOfContainer(container));
    else if (!skipped.some(({ agent }) => agent === container.name))
      skipped.push({ agent: container.name, reason: ephemeral });
  }
  const expected = claims
    .filter((claim) => claim.expected)
    .map(({ volume, agent }) => ({ name: volume, agent: agent.name }));
  return { byVolume: mergeClaims(claims), expected, skipped };
}

function skipReason(agent: AgentRow): string | undefined {
  if (agent.isEphemeral) return ephemeral;
  if (
    agentVolumeName(agent.volumeBase, 'workspace') === undefined ||
    agentVolumeName(agent.name, 'workspace') === undefined
  ) {
    return 'Its row holds a name that no volume can have.';
  }
  return undefined;
}

function claimsOfContainer({ name, container }: AgentContainer): readonly Claim[] {
  return container.mounts.flatMap(({ volume, target }) => {
    const role = roleOfTarget[target];
    if (volume === undefined || role === undefined) return [];
    const agent = { name, volumeBase: parseAgentVolumeName(volume)?.base ?? name };
    const reason = `Mounted as ${roleText[role]} of "${name}".`;
    return [{ volume, role, agent, expected: false, reason }];
  });
}

const roleText = {
  workspace: 'the workspace',
  public: 'the public files',
  shared: 'the shared folder',
} as const;

function claimsOf(agent: AgentRow, liveNames: ReadonlySet<string>): readonly Claim[] {
  const claims: Claim[] = [];
  const add = (base: string, role: AgentVolumeKind, claim: Pick<Claim, 'expected' | 'reason'>): void => {
    const volume = agentVolumeName(base, role);
    if (volume !== undefined) claims.push({ volume, role, agent, ...claim });
  };
  const deleted = agent.deletedAt === undefined ? '' : ' It is deleted, and can still be recovered.';
  add(agent.volumeBase, 'workspace', {
    expected: true,
    reason: `The workspace of "${agent.name}".${deleted}`,
  });
  add(agent.name, 'public', {
    expected: agent.fileSharing,
    reason: `The public files of "${agent.name}".${deleted}`,
  });
  add(agent.name, 'shared', {
    expected: agent.exposesFolder,
    reason: `The shared folder of "${agent.name}".${deleted}`,
  });
  // Renaming leaves these behind under the old name, unless another agent bears that name now.
  if (agent.volumeBase !== agent.name && !liveNames.has(agent.volumeBase)) {
    const reason = `Left from the time when "${agent.name}" was called "${agent.volumeBase}".`;
    add(agent.volumeBase, 'public', { expected: false, reason });
    add(agent.volumeBase, 'shared', { expected: false, reason });
  }
  return claims;
}

function mergeClaims(claims: readonly Claim[]): ReadonlyMap<string, VolumeClaim> {
  const merged = new Map<string, VolumeClaim>();
  for (const { volume, role, agent, reason } of claims) {
    const other = merged.get(volume);
    // A container says the same as its row.
    if (other?.agents.includes(agent.name) === true) continue;
    merged.set(volume, {
      role: other?.role ?? role,
      agents: [...(other?.agents ?? []), agent.name],
      bases: [...(other?.bases ?? []), agent.volumeBase],
      reason: other === undefined ? reason : `${other.reason} ${reason}`,
    });
  }
  return merged;
}
