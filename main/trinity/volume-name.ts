import type { VolumeRole } from './install.ts';

export type AgentVolumeKind = Extract<VolumeRole, 'workspace' | 'public' | 'shared'>;

export type AgentVolumeName = Readonly<{ base: string; kind: AgentVolumeKind }>;

/** Docker's rule. Whatever passes is one plain path component: never empty, `.`, `..`, hidden or with a slash. */
export function isVolumeName(text: string): boolean {
  return text.length <= 255 && /^[A-Za-z0-9][A-Za-z0-9_.-]*$/u.test(text);
}

/** The name of an agent's volume; undefined when no volume can have it (a hostile or damaged row). */
export function agentVolumeName(base: string, kind: AgentVolumeKind): string | undefined {
  const name = `agent-${base}-${kind}`;
  return base !== '' && isVolumeName(name) ? name : undefined;
}

/** Base and kind of `agent-<base>-<kind>`; undefined for other volumes. */
export function parseAgentVolumeName(volume: string): AgentVolumeName | undefined {
  const [, base, kind] = /^agent-(.+)-(workspace|public|shared)$/u.exec(volume) ?? [];
  if (base === undefined || (kind !== 'workspace' && kind !== 'public' && kind !== 'shared'))
    return undefined;
  return { base, kind };
}

/** The labels that Trinity gives such a volume; it removes or disowns volumes whose labels differ. */
export function agentVolumeLabels({ base, kind }: AgentVolumeName): Readonly<Record<string, string>> {
  return { 'trinity.platform': `agent-${kind}`, 'trinity.agent-name': base };
}
