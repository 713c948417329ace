import type { AgentRow, VolumePlan, VolumeRole } from './install.ts';
import { agentVolumeName, type AgentVolumeKind } from './volume-name.ts';

export type VolumeClaim = Readonly<{
  role: VolumeRole;
  /** Names of the agents it serves. */
  agents: readonly string[];
  /** By which `agents` of the settings leave it out: it is left out when all are. */
  bases: readonly string[];
  reason: string;
}>;

/** What the rows of a database say of volumes, whether these are there or not. */
export type VolumeClaims = Readonly<{
  byVolume: ReadonlyMap<string, VolumeClaim>;
  /** Volumes that must be there. */
  expected: VolumePlan['missing'];
  skipped: VolumePlan['skippedAgents'];
}>;

type Claim = Readonly<{
  volume: string;
  role: AgentVolumeKind;
  agent: AgentRow;
  expected: boolean;
  reason: string;
}>;

/** Which volumes the agents of a database have, had before they were renamed, or should have. */
export function claimVolumes(agents: readonly AgentRow[]): VolumeClaims {
  const skipped: { agent: string; reason: string }[] = [];
  const claims: Claim[] = [];
  const liveNames = new Set(agents.map((agent) => agent.name));
  for (const agent of agents) {
    const reason = skipReason(agent);
    if (reason === undefined) claims.push(...claimsOf(agent, liveNames));
    else skipped.push({ agent: agent.name, reason });
  }
  const expected = claims
    .filter((claim) => claim.expected)
    .map(({ volume, agent }) => ({ name: volume, agent: agent.name }));
  return { byVolume: mergeClaims(claims), expected, skipped };
}

function skipReason(agent: AgentRow): string | undefined {
  if (agent.isEphemeral) return 'It is ephemeral: it has no volume of its own.';
  if (
    agentVolumeName(agent.volumeBase, 'workspace') === undefined ||
    agentVolumeName(agent.name, 'workspace') === undefined
  ) {
    return 'Its row holds a name that no volume can have.';
  }
  return undefined;
}

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
    merged.set(volume, {
      role: other?.role ?? role,
      agents: [...(other?.agents ?? []), agent.name],
      bases: [...(other?.bases ?? []), agent.volumeBase],
      reason: other === undefined ? reason : `${other.reason} ${reason}`,
    });
  }
  return merged;
}
