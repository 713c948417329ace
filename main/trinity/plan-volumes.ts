import type { BackupSettings } from '../../shared/model/settings.ts';
import type { AgentRow, PlannedVolume, TrinityInstall, VolumePlan } from './install.ts';
import { platformVolume } from './platform-volumes.ts';
import { claimVolumes, type VolumeClaims } from './volume-claims.ts';
import { agentVolumeLabels, parseAgentVolumeName, type AgentVolumeName } from './volume-name.ts';
import { openVolumeStore, type InstallVolume } from './volumes/install-volumes.ts';

type VolumeChoices = Pick<BackupSettings, 'agents' | 'volumes'> &
  Partial<Pick<BackupSettings, 'volumeAccess'>>;

type Known = Readonly<{
  claims: VolumeClaims;
  install: TrinityInstall;
  settings: VolumeChoices;
}>;

type Described = Pick<PlannedVolume, 'role' | 'agents' | 'reason'> &
  Readonly<{ included: boolean; bases: readonly string[] }>;

/**
 * Every volume that is, or may be, Trinity's, and whether it is backed up: what agents' containers mount, what rows name (a
 * workspace by its volume base, public and shared ones by the live name), and what bears Trinity's labels or a name of its kind.
 * What no container and no row has is an orphan and included, so a damaged database loses no volume.
 */
export async function planVolumes(
  install: TrinityInstall,
  agents: readonly AgentRow[],
  settings: VolumeChoices,
  signal: AbortSignal = new AbortController().signal,
): Promise<VolumePlan> {
  const store = await openVolumeStore(install, settings.volumeAccess ?? 'auto');
  const { volumes: stored, agents: containers } = await store.list(signal);
  const claims = claimVolumes(agents, containers);
  const names = new Set(stored.map((volume) => volume.name));
  const volumes = stored.flatMap((volume) => {
    const described = describe(volume, { claims, install, settings });
    return described === undefined ? [] : [planOf(volume, described, settings)];
  });
  const missing = claims.expected.filter(({ name }) => !names.has(name));
  return { volumes, missing, skippedAgents: claims.skipped };
}

function describe(volume: InstallVolume, { claims, install, settings }: Known): Described | undefined {
  const claim = claims.byVolume.get(volume.name);
  if (claim !== undefined) return { ...claim, included: true };
  const platform = platformVolume(volume.name, install);
  if (platform !== undefined) return { role: 'platform', agents: [], bases: [], ...platform };
  const parsed = labelledName(volume) ?? parseAgentVolumeName(volume.name);
  if (parsed !== undefined) return describeOrphan(volume, parsed);
  const mounting = volume.users.flatMap(({ agent }) => (agent === undefined ? [] : [agent]));
  if (mounting.length > 0) return describeMounted(volume, mounting);
  if (settings.volumes[volume.name]?.include !== true) return undefined;
  return { role: 'unlabelled', agents: [], bases: [], included: true, reason: 'Included by the settings.' };
}

function describeOrphan(volume: InstallVolume, { base }: AgentVolumeName): Described {
  const isLabelled = volume.labels === undefined || 'trinity.agent-name' in volume.labels;
  const reason = isLabelled
    ? `No agent in the database has it; it belonged to "${base}".`
    : `No agent in the database has it and it has no labels; by its name it belonged to "${base}".`;
  return { role: isLabelled ? 'orphan' : 'unlabelled', agents: [], bases: [base], included: true, reason };
}

/** Not one of Trinity's making, but an agent keeps something in it. */
function describeMounted({ users }: InstallVolume, agents: readonly string[]): Described {
  const targets = users.filter(({ agent }) => agent !== undefined).map(({ target }) => target);
  const reason = `Mounted by ${[...new Set(agents)].join(', ')} at ${[...new Set(targets)].join(', ')}.`;
  return { role: 'unlabelled', agents: [...new Set(agents)], bases: agents, included: true, reason };
}

/** A volume that carries Trinity's labels is Trinity's, whatever its name. */
function labelledName({ labels }: InstallVolume): AgentVolumeName | undefined {
  const base = labels?.['trinity.agent-name'];
  if (base === undefined || base === '') return undefined;
  const kind = labels?.['trinity.platform'];
  return {
    base,
    kind: kind === 'agent-public' ? 'public' : kind === 'agent-shared' ? 'shared' : 'workspace',
  };
}

function planOf(volume: InstallVolume, described: Described, settings: VolumeChoices): PlannedVolume {
  const { bases, ...plan } = described;
  const parsed = parseAgentVolumeName(volume.name);
  // An engine knows for sure; a folder may have lost them.
  const isSure = volume.driver !== undefined || Object.keys(volume.labels ?? {}).length > 0;
  const known = isSure ? volume.labels : undefined;
  const labels = known ?? (parsed === undefined ? {} : agentVolumeLabels(parsed));
  return {
    name: volume.name,
    folder: volume.folder,
    access: volume.access,
    driver: volume.driver,
    options: volume.options,
    users: volume.users,
    labels,
    ...plan,
    ...choice(volume.name, { ...plan, bases }, settings),
  };
}

/** What the settings say of it, a volume's own entry before its agents'; a volume of several agents is left out with the last. */
function choice(
  name: string,
  described: Described,
  settings: VolumeChoices,
): Partial<Pick<PlannedVolume, 'included' | 'reason'>> {
  const own = settings.volumes[name]?.include;
  if (own === false) return { included: false, reason: 'Left out by the settings of this volume.' };
  if (own === true && described.role !== 'platform') return { included: true };
  const isLeftOut = (base: string) => settings.agents[base]?.include === false;
  if (described.bases.length === 0 || !described.bases.every(isLeftOut)) return {};
  return { included: false, reason: 'Left out by the settings of its agent.' };
}
