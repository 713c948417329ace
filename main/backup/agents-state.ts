import { z } from 'zod';
import { compareNames } from '../../shared/lib/name-order.ts';
import type { Manifest, ManifestSource } from '../../shared/model/manifest.ts';
import type { PlannedVolume } from '../trinity/install.ts';
import { parseAgentVolumeName } from '../trinity/volume-name.ts';

/** `covered`: its last copy is whole. `failed`: the last run could not copy it. `never`: no backup has it. `gone`: it is not there now. */
export type VolumeCoverage = 'covered' | 'failed' | 'never' | 'left-out' | 'gone';

export type VolumeState = Readonly<{
  volume: string;
  /** By the container that mounts it, else by the last backup, else by its name. */
  agents: readonly string[];
  coverage: VolumeCoverage;
  /** Of the newest whole copy; null without one. */
  lastBackupAt: string | null;
  bytes: number | null;
  frozenMs: number | null;
  /** How its writers were held for it: `paused`, `stopped`, `live` or `idle`; null where that is not known. */
  consistency: string | null;
}>;

/** `covered`: each of its volumes is. `partly`: some are. `left-out`: by the settings, which counts as covered. */
export type AgentState = Readonly<{
  agent: string;
  coverage: 'covered' | 'partly' | 'none' | 'left-out';
  /** When the one of its volumes was copied that was copied longest ago; null when one never was. */
  lastBackupAt: string | null;
  /** Sums over its volumes. */
  bytes: number;
  frozenMs: number;
  volumes: readonly string[];
}>;

export type AgentsState = Readonly<{
  agents: readonly AgentState[];
  volumes: readonly VolumeState[];
  /** Volumes that belong to nobody. */
  ownerless: readonly string[];
  /** Volumes that no run has seen yet. */
  newVolumes: readonly string[];
}>;

type Today = Pick<PlannedVolume, 'name' | 'included' | 'role' | 'agents'>;

const leftOutFact = z.array(z.object({ name: z.string() }));

/**
 * What is backed up of each agent, by the live backups of an install (newest first) and the volumes that are there today; without
 * those (undefined) by the backups alone.
 */
export function agentsState(
  manifests: readonly Manifest[],
  today: readonly Today[] | undefined,
): AgentsState {
  const copies = copiesOf(manifests);
  const there = today?.filter(({ role, name }) => role !== 'platform' || copies.has(name));
  const names = there?.map(({ name }) => name) ?? [];
  const gone = [...copies.keys()].filter((name) => today !== undefined && !names.includes(name));
  const volumes = [
    ...(
      there ?? [...copies.keys()].map((name) => ({ name, included: true, role: undefined, agents: [] }))
    ).map((volume) => stateOf(volume, copies.get(volume.name))),
    ...gone.map((name) => goneState(name, copies.get(name))),
  ].toSorted((one, other) => compareNames(one.volume, other.volume));
  const seen = new Set([...copies.keys(), ...manifests.flatMap(leftOutOf)]);
  return {
    agents: statesOfAgents(volumes),
    volumes,
    ownerless: volumes
      .filter(({ volume, coverage }) => coverage !== 'gone' && isOwnerless(volume, { there, copies }))
      .map(({ volume }) => volume),
    newVolumes: names.filter((name) => manifests.length > 0 && !seen.has(name)).toSorted(compareNames),
  };
}

/** The newest source of a volume, whole or failed, and its newest whole one. */
type Copies = Readonly<{ newest: ManifestSource; whole: ManifestSource | undefined; wholeAt: string | null }>;

function copiesOf(manifests: readonly Manifest[]): ReadonlyMap<string, Copies> {
  const copies = new Map<string, Copies>();
  for (const { sources, timestamp } of manifests) {
    for (const source of sources) {
      if (source.component !== 'memory' || source.volume === '') continue;
      const known = copies.get(source.volume) ?? { newest: source, whole: undefined, wholeAt: null };
      const isFirst = known.whole === undefined && source.state === 'complete';
      copies.set(source.volume, isFirst ? { ...known, whole: source, wholeAt: timestamp } : known);
    }
  }
  return copies;
}

function stateOf(
  { name, included, agents }: Pick<Today, 'name' | 'included' | 'agents'>,
  copies: Copies | undefined,
): VolumeState {
  const owners = agents.length > 0 ? agents : (copies?.newest.agents ?? []);
  const coverage = included ? coverageOf(copies) : 'left-out';
  return {
    ...copyFacts(copies),
    volume: name,
    agents: owners.length > 0 ? owners : named(name, copies),
    coverage,
  };
}

/** The last run that read the database knows of an orphan; before one, the name is all there is. */
function named(volume: string, copies: Copies | undefined): readonly string[] {
  const base = parseAgentVolumeName(volume)?.base;
  return copies === undefined && base !== undefined ? [base] : [];
}

function goneState(volume: string, copies: Copies | undefined): VolumeState {
  return { ...copyFacts(copies), volume, agents: copies?.newest.agents ?? [], coverage: 'gone' };
}

function coverageOf(copies: Copies | undefined): VolumeCoverage {
  if (copies === undefined) return 'never';
  return copies.newest.state === 'complete' ? 'covered' : 'failed';
}

function copyFacts(copies: Copies | undefined): Omit<VolumeState, 'volume' | 'agents' | 'coverage'> {
  const consistency = copies?.whole?.facts['consistency'];
  return {
    lastBackupAt: copies?.wholeAt ?? null,
    bytes: copies?.whole?.listing?.bytes ?? null,
    frozenMs: copies?.whole?.frozenMs ?? null,
    consistency: typeof consistency === 'string' ? consistency : null,
  };
}

function statesOfAgents(volumes: readonly VolumeState[]): readonly AgentState[] {
  const there = volumes.filter(({ coverage }) => coverage !== 'gone');
  const names = new Set(there.flatMap(({ agents }) => agents));
  return [...names].toSorted(compareNames).map((agent) =>
    stateOfAgent(
      agent,
      there.filter(({ agents }) => agents.includes(agent)),
    ),
  );
}

function stateOfAgent(agent: string, volumes: readonly VolumeState[]): AgentState {
  const wanted = volumes.filter(({ coverage }) => coverage !== 'left-out');
  const covered = wanted.filter(({ coverage }) => coverage === 'covered');
  const times = wanted.flatMap(({ lastBackupAt }) => lastBackupAt ?? []);
  const oldest = times.reduce((one, other) => (other < one ? other : one), times[0] ?? '');
  return {
    agent,
    coverage: agentCoverage(wanted.length, covered.length),
    lastBackupAt: times.length === wanted.length && oldest !== '' ? oldest : null,
    bytes: wanted.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    frozenMs: wanted.reduce((sum, { frozenMs }) => sum + (frozenMs ?? 0), 0),
    volumes: volumes.map(({ volume }) => volume),
  };
}

function agentCoverage(wanted: number, covered: number): AgentState['coverage'] {
  if (wanted === 0) return 'left-out';
  if (covered === wanted) return 'covered';
  return covered > 0 ? 'partly' : 'none';
}

/** No container has it, and the last run found no row that does. */
function isOwnerless(
  volume: string,
  { there, copies }: Readonly<{ there: readonly Today[] | undefined; copies: ReadonlyMap<string, Copies> }>,
): boolean {
  const now = there?.find(({ name }) => name === volume);
  if (now !== undefined && (now.agents.length > 0 || now.role === 'platform')) return false;
  const copied = copies.get(volume)?.newest;
  return copied !== undefined && copied.agents.length === 0 && copied.facts['role'] !== 'platform';
}

function leftOutOf({ install }: Manifest): readonly string[] {
  return (leftOutFact.safeParse(install['leftOut']).data ?? []).map(({ name }) => name);
}
