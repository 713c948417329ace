import type { Finding } from '../../shared/model/finding.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import type { BackupSettings } from '../../shared/model/settings.ts';
import type { NewVolume } from '../trinity/docker/engine-volumes.ts';
import type { HelperTarget } from '../trinity/helper/volume-helpers.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import type { HoldChoices } from '../trinity/quiesce/volume-writers.ts';
import type { PostgresPlace } from '../trinity/postgres/postgres-server.ts';
import type { Archive } from '../trinity/postgres/read-archive.ts';
import type { ExcludeRules } from '../vault/capture/capture.ts';
import type { Listing } from '../vault/listing/listing.ts';

/** Where a tree is: in a folder here, or where only a container of ours can read it. */
export type CapturePlace = Readonly<{ root: string } | { helper: HelperTarget }>;

/** One tree to copy. The engine finds the source's previous listing, captures, and makes the manifest's source of it. */
export type CaptureSource = CapturePlace & CaptureFacts;

type CaptureFacts = Readonly<{
  volume: string;
  agents: readonly string[];
  exclude: ExcludeRules;
  only?: readonly string[];
  /** Top-level names of which the file is captured that they lead to, where they are links. */
  follow?: readonly string[];
  lockedMs?: number;
  /** The source is a Docker volume of this name: whoever writes to it is held while the last of it is copied. */
  hold?: HoldChoices;
  facts: ManifestSource['facts'];
}>;

export interface BackupContext {
  readonly install: TrinityInstall;
  readonly settings: BackupSettings;
  /** Agents asked for (`--agent`); undefined: all. */
  readonly agents: readonly string[] | undefined;
  /** Only these volumes, left out by settings or not (the safety backup of a restore); undefined: as the settings say. */
  readonly volumes: readonly string[] | undefined;
  /** A private folder (0700) of this run, removed after it and swept at the next start. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  /** Copies one source; a failure becomes a `failed` source with a warning, unless the run was cancelled. */
  capture(source: CaptureSource): Promise<ManifestSource>;
  /** A source that could not even be begun. */
  fail(volume: string, agents: readonly string[], error: unknown): ManifestSource;
  warn(finding: Finding): void;
  note(finding: Finding): void;
  /** Facts of the whole install for the manifest (`install`). */
  record(name: string, value: ManifestSource['facts'][string]): void;
}

/**
 * A path below a folder that is trusted: `path` (raw bytes, components joined by `/`) is walked without following links. An empty
 * `path` means `root` itself.
 */
export type Place = Readonly<{ root: string; path: Buffer }>;

/** What stays of a live folder that gives way: what the backup had left out or could not read. */
export type KeepRules = Readonly<{
  exclude: ExcludeRules;
  /** Undefined: not all of them are known, so everything stays that is not in the backup. */
  unread: readonly Buffer[] | undefined;
  /** Path of the swapped place relative to the root of its source: the rules are meant from there. */
  base: Buffer;
}>;

/** One live place and what takes it. */
export type Swap = Readonly<{
  /** `whole`: what is live gives way as one. `contents`: the folder stays where it is, each name in it gives way. */
  kind: 'whole' | 'contents';
  live: Place;
  /** Undefined: nothing takes its place. */
  staged: Place | undefined;
  /** A work folder on the same file system, in which what gives way is parked. */
  work: string;
  /** Undefined: nothing stays. */
  keep: KeepRules | undefined;
}>;

/**
 * Where a tree goes: staged `beside` the live folder and swapped as one, or `inside` it and swapped name by name. `onlyChanges`: of a
 * live tree only what differs is staged and swapped; then there is no whole tree that `validateSource` could check.
 */
export type TreeTarget = Readonly<{ live: string; way: 'beside' | 'inside'; onlyChanges?: boolean }>;

export interface RestoreContext {
  readonly install: TrinityInstall;
  readonly settings: BackupSettings;
  readonly restoreId: string;
  /** True while a new install is built in an empty folder: tracked files are written too. */
  readonly isNewInstall: boolean;
  readonly signal: AbortSignal;
  /** Paths asked for (`--path`) within a source; undefined: all of it. */
  pathsOf(source: ManifestSource): readonly Buffer[] | undefined;
  openListing(source: ManifestSource): Promise<Listing>;
  /** Makes a folder (0700) of ours in `folder`, known to the journal before it is there and removed by the engine in the end. */
  openWorkFolder(folder: string): Promise<string>;
  /** Makes a live folder that is not there, with the parents it lacks; they go again when the restore does not come about. */
  ensureFolder(folder: string, mode?: number): Promise<void>;
  /** Lets the engine make a volume that is not there and gives the folder of its content; undone like `ensureFolder`. */
  makeVolume(volume: NewVolume): Promise<string>;
  /** Makes `folder` (0700, refused where something is) and restores the source, or `paths` of it, into it, checked. */
  stage(source: ManifestSource, folder: string, paths?: readonly Buffer[]): Promise<void>;
  /** Stages a source, or paths of it (else those asked for), for a place that only a helper can write. It is swapped with all else. */
  stageByHelper(source: ManifestSource, target: HelperPlace, paths?: readonly Buffer[]): Promise<void>;
  /** The same for a few files of ours, which go there only when everything is staged: until then they may be changed. */
  stageFilesByHelper(source: ManifestSource, target: HelperPlace, staged: HelperFiles): void;
  /** Makes a folder (0700) like that on the disk of the home, for what is not swapped itself. */
  openPrivateFolder(): Promise<string>;
  /** Loads a staged dump into a new database, compared with it; the database is swapped with all else. */
  stageDatabase(dump: StagedDump): Promise<void>;
  /** Stages a source, or the paths asked for, and returns the swaps that bring it to its live folder. */
  stageTree(source: ManifestSource, target: TreeTarget): Promise<readonly Swap[]>;
  /** Stages these paths of a source and returns the swaps that bring each to its place, leaving all else that is live. */
  stagePaths(source: ManifestSource, target: TreeTarget, paths: readonly Buffer[]): Promise<StagedPaths>;
  warn(finding: Finding): void;
  note(finding: Finding): void;
}

export type StagedDump = Readonly<{
  source: ManifestSource;
  place: PostgresPlace;
  /** Name of the live database. */
  database: string;
  file: string;
  archive: Archive;
  /** SQLite database with rows out of the dump (`extractArchive`). */
  rows: string;
}>;

/** A live place that only a helper can write, and whether it was there before. */
export type HelperPlace = Readonly<{ live: HelperTarget; hasLive: boolean }>;

export type HelperFiles = Readonly<{
  files: readonly Readonly<{
    name: Buffer;
    /** Its path here. */
    file: string;
    meta: Readonly<{ mode: number; uid: number; gid: number; mtimeNs: bigint }>;
  }>[];
  /** Everything of the live place that gives way, also to nothing. */
  gives: readonly Buffer[];
}>;

/** `tree` is the staged folder, laid out like the source. */
export type StagedPaths = Readonly<{ tree: string; swaps: readonly Swap[] }>;

/** How one component is copied and put back. Registered once; a test registers its own. */
export interface ComponentHandler {
  readonly component: string;
  /** The sources of this component, in order; empty when the install has none of it. */
  backup(context: BackupContext): Promise<readonly ManifestSource[]>;
  /** Checks one staged or `--to` tree of a source beyond bytes (a database's integrity): what is wrong, for people. */
  validateSource(source: ManifestSource, folder: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Stages sources beside their live places and returns what is to be swapped, in order. Touches nothing live. */
  restore(sources: readonly ManifestSource[], context: RestoreContext): Promise<readonly Swap[]>;
}
