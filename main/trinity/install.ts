import type { ContainerState } from './docker/engine-facts.ts';

/** `host`: in a folder here. `helper`: by a container of ours that mounts it. `none`: not at all. The reason is for people. */
export type Access = Readonly<{ mode: 'host' | 'helper' | 'none'; reason: string }>;

/** The Docker engine that serves an install. */
export type InstallEngine = Readonly<{
  /** Its address, as in `--docker-host`. */
  host: string;
  /** `EngineFacts.id`, which names the lock of the engine. */
  id: string;
  /** Where it keeps volumes, on its own host. */
  volumesFolder: string;
  /** User ids in containers are others than in the folders of the host. */
  isRemapped: boolean;
  /** Its containers run on this kernel, not in a virtual machine: locks of files are seen on both sides. */
  sharesKernel: boolean;
}>;

/** Where Trinity keeps its database. Of a Postgres no password is here: it is in `env`, or in its container. */
export type InstallDatabase =
  | Readonly<{ kind: 'sqlite'; /** Relative to `/data`. */ path: string }>
  | Readonly<{
      kind: 'postgres';
      /** Name of the container of a bundled server; undefined for one elsewhere. */
      container: string | undefined;
      host: string;
      port: number;
      user: string;
      database: string;
    }>;

/** Facts of one Trinity install on this machine, read anew before every run. Paths are absolute. */
export type TrinityInstall = Readonly<{
  /** The checkout: `.env`, `VERSION`, compose files, `config/`. */
  folder: string;
  projectName: string;
  /** Which stack it is: `dev` keeps `/data` in a named volume, the others in a folder. */
  form: 'dev' | 'prod' | 'hosted';
  /** Undefined when none answers for it: then all is read from folders. */
  engine: InstallEngine | undefined;
  /** What backs `/data`; a path on the engine's host, which is here only where `dataAccess` is `host`. */
  dataFolder: string;
  /** Name of the volume behind `/data`; undefined for a folder. */
  dataVolume: string | undefined;
  dataAccess: Access;
  database: InstallDatabase;
  /** SQLite main file in `dataFolder`; undefined when the install keeps its database in Postgres. */
  databaseFile: string | undefined;
  envFile: string;
  /** How the checkout is reached: read, and written by a restore. */
  folderAccess: Access;
  /** Parsed `.env` (last duplicate wins, quotes and comments stripped). Never logged. */
  env: ReadonlyMap<string, string>;
  /** Docker's on-disk layout, `<root>/<volume>/_data`; undefined: no volume can be reached in a folder here. */
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

/** A container that mounts a volume, by name or by the folder it lies in. */
export type VolumeUse = Readonly<{
  container: string;
  id: string;
  state: ContainerState;
  /** Name of the agent that it is; undefined for any other container. */
  agent: string | undefined;
  target: string;
  writable: boolean;
}>;

/** One volume of the install and why it is, or is not, backed up. */
export type PlannedVolume = Readonly<{
  name: string;
  /** Absolute path of its `_data`, on the engine's host: here only where `access` is `host`. */
  folder: string;
  access: Access;
  /** Undefined where no engine tells. */
  driver: string | undefined;
  /** Of its driver; may hold a secret, never to be shown. Empty where no engine tells. */
  options: Readonly<Record<string, string>>;
  /** All containers that mount it; empty where no engine tells. */
  users: readonly VolumeUse[];
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
