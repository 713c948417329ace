/** Facts of one Trinity install on this machine, read anew before every run. Paths are absolute. */
export type TrinityInstall = Readonly<{
  /** The checkout: `.env`, `VERSION`, compose files, `config/`. */
  folder: string;
  projectName: string;
  /** What backs `/data`. */
  dataFolder: string;
  /** SQLite main file; undefined when the install keeps its database in Postgres. */
  databaseFile: string | undefined;
  envFile: string;
  /** Parsed `.env` (last duplicate wins, quotes and comments stripped). Never logged. */
  env: ReadonlyMap<string, string>;
  /** Docker's on-disk layout, `<root>/<volume>/_data`; undefined: no volume can be reached. */
  volumesRoot: string | undefined;
  version: string | undefined;
}>;

export type AgentRow = Readonly<{
  name: string;
  volumeBase: string;
  isSystem: boolean;
  isEphemeral: boolean;
  deletedAt: string | undefined;
  fileSharing: boolean;
  exposesFolder: boolean;
}>;

/** `orphan`: no row names it. `unlabelled`: nor has it labels. `platform`: Trinity's own, not an agent's. */
export type VolumeRole = 'workspace' | 'public' | 'shared' | 'orphan' | 'unlabelled' | 'platform';

/** One volume of the install and why it is, or is not, backed up. */
export type PlannedVolume = Readonly<{
  name: string;
  /** Absolute path of its `_data`. */
  folder: string;
  role: VolumeRole;
  /** Names of the live or soft-deleted agents it serves; empty for orphans. */
  agents: readonly string[];
  /** Labels it has, or should have by its row. */
  labels: Readonly<Record<string, string>>;
  included: boolean;
  /** For people: why it is in or out. */
  reason: string;
}>;

export type VolumePlan = Readonly<{
  volumes: readonly PlannedVolume[];
  /** Volumes that a row names and that are not there. */
  missing: readonly Readonly<{ name: string; agent: string }>[];
  /** Agents without a volume of their own to back up (ephemeral, unusable names), and why. */
  skippedAgents: readonly Readonly<{ agent: string; reason: string }>[];
}>;
