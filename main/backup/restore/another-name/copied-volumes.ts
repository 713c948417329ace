import { AppError } from '../../../../shared/lib/app-error.ts';
import type { ManifestSource } from '../../../../shared/model/manifest.ts';
import {
  agentVolumeLabels,
  agentVolumeName,
  parseAgentVolumeName,
  type AgentVolumeKind,
} from '../../../trinity/volume-name.ts';

/** The volumes of an agent as those of a new one. */
export type CopiedVolumes = Readonly<{
  /** What the backup holds of the agent, by the volumes, labels and agent that it goes to. */
  sources: readonly ManifestSource[];
  /** What the agent's workspace is called after, which no renaming changes. */
  base: string;
  hasPublic: boolean;
  /** Volumes of the backup that no new agent could have. */
  leftOut: readonly string[];
}>;

const kinds = ['workspace', 'public', 'shared'] as const;

/**
 * What becomes of an agent's volumes when it comes back as `name`: each a plain volume of the name and labels that Trinity expects.
 * Drivers and options stay behind, since those of a network share would lead the copy to the very data of the agent that lives.
 */
export function copiedVolumes(
  sources: readonly ManifestSource[],
  agent: string,
  name: string,
): CopiedVolumes {
  const owned = sources.filter(({ component }) => component === 'memory');
  const chosen = kinds.flatMap((kind) => {
    const source = volumeOfKind(owned, kind, agent);
    return source === undefined ? [] : [{ kind, source }];
  });
  const workspace = chosen.find(({ kind }) => kind === 'workspace')?.source;
  if (workspace === undefined) {
    const message = `This backup does not hold the workspace of ${agent}, without which there is no agent. Choose another backup.`;
    throw new AppError('refused', message);
  }
  const taken = new Set(chosen.map(({ source }) => source.volume));
  return {
    sources: chosen.map(({ kind, source }) => renamed(source, kind, name)),
    base: parseAgentVolumeName(workspace.volume)?.base ?? agent,
    hasPublic: chosen.some(({ kind }) => kind === 'public'),
    leftOut: owned.map(({ volume }) => volume).filter((volume) => !taken.has(volume)),
  };
}

/** After a renaming there may be two of a kind: Trinity mounts public and shared ones by the name that the agent has. */
function volumeOfKind(
  sources: readonly ManifestSource[],
  kind: AgentVolumeKind,
  agent: string,
): ManifestSource | undefined {
  const found = sources.filter(({ volume }) => parseAgentVolumeName(volume)?.kind === kind);
  return found.find(({ volume }) => volume === agentVolumeName(agent, kind)) ?? found[0];
}

function renamed(source: ManifestSource, kind: AgentVolumeKind, name: string): ManifestSource {
  const volume = agentVolumeName(name, kind);
  if (volume === undefined) throw new Error('The name was checked.');
  const labels = { ...agentVolumeLabels({ base: name, kind }) };
  const facts = { ...source.facts, labels, driver: 'local', options: {}, optionsLeftOut: false };
  return { ...source, volume, agents: [name], facts };
}
