import type { Finding } from '../../shared/model/finding.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import type { BackupSettings } from '../../shared/model/settings.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import type { ExcludeRules } from '../vault/capture/capture.ts';
import type { Listing } from '../vault/listing/listing.ts';

/** One tree to copy. The engine finds the source's previous listing, captures, and makes the manifest's source of it. */
export type CaptureSource = Readonly<{
  volume: string;
  agents: readonly string[];
  root: string;
  exclude: ExcludeRules;
  only?: readonly string[];
  lockedMs?: number;
  frozenMs?: number;
  facts: ManifestSource['facts'];
}>;

export interface BackupContext {
  readonly install: TrinityInstall;
  readonly settings: BackupSettings;
  /** Agents asked for (`--agent`); undefined: all. */
  readonly agents: readonly string[] | undefined;
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

/** One live path and what takes its place: `staged` undefined means that nothing does (what is live is parked). */
export type Swap = Readonly<{ live: string; staged: string | undefined }>;

export interface RestoreContext {
  readonly install: TrinityInstall;
  readonly settings: BackupSettings;
  readonly restoreId: string;
  readonly signal: AbortSignal;
  /** Paths asked for (`--path`, relative to the source's root); undefined: the whole source. */
  readonly paths: readonly string[] | undefined;
  openListing(source: ManifestSource): Promise<Listing>;
  /**
   * Makes `folder` (0700, refused where something is) and restores the source into it, checked; carries over from `live`
   * what the backup had excluded or could not read. Removed by the engine when the restore fails before its swap.
   */
  stage(source: ManifestSource, folder: string, live: string | undefined): Promise<void>;
  warn(finding: Finding): void;
  note(finding: Finding): void;
}

export type SourceProblem = Readonly<{ source: ManifestSource; message: string }>;

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
