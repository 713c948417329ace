import { createHash } from 'node:crypto';
import { z } from 'zod';
import { compareNames } from '../../../shared/lib/name-order.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';
import { sourceText } from '../../../shared/model/component.ts';
import { damageAtSource, type Manifest } from '../../../shared/model/manifest.ts';
import type { ManifestState, StoredManifest } from '../../vault/manifests/stored-manifest.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import type { Engine } from '../engine.ts';
import { operation } from '../operation.ts';
import { damagedBackups } from '../upkeep/damaged-backups.ts';

/** The copy of the vault to read; left out, the vault itself or, while that is away, a copy of it. */
const from = z.string().max(64).optional();

/** One backup as `list` shows it. */
export type ListedBackup = Readonly<{
  backupId: string;
  timestamp: string;
  trigger: Manifest['trigger'];
  note: string | null;
  components: readonly string[];
  agents: readonly string[];
  files: number;
  bytes: number;
  bytesAdded: number;
  bytesStored: number;
  durationMs: number;
  incomplete: boolean;
  warningCount: number;
  pinned: boolean;
  /** How many of its sources a rehearsal has restored. */
  provenSources: number;
  /** Whether a check of the vault found parts of it damaged, which are not healed yet, or its database was damaged when it was copied. */
  damaged: boolean;
  sourceCount: number;
  installId: string;
  /** Of the platform, as it was; null where it was not known. */
  trinityVersion: string | null;
  /** SHA-256 over its listings, in hex. */
  checksum: string;
  state: ManifestState;
  /** When it went to the trash, ISO 8601 in UTC. */
  trashedAt: string | null;
}>;

export type BackupList = Readonly<{
  backups: readonly ListedBackup[];
  /** Backups whose manifest cannot be read. */
  unreadable: readonly Readonly<{ backupId: string; reason: string }>[];
  /** The copy of the vault that was read; null: the vault itself. */
  from: string | null;
}>;

/** The live backups of the vault, or those in the trash; newest first. */
export const list = operation(
  z.strictObject({ trashed: z.boolean(), from }),
  async (engine, asked): Promise<BackupList> => {
    const { stored, marks, ...rest } = await storedBackups(engine, asked);
    return { backups: stored.map((each) => listed(each, marks)), ...rest };
  },
);

/** The same as they are stored, for whoever shows some of them only. */
export async function storedBackups(
  engine: Engine,
  { trashed, from: copy }: Readonly<{ trashed: boolean; from?: string | undefined }>,
): Promise<Omit<BackupList, 'backups'> & Readonly<{ stored: readonly StoredManifest[]; marks: Marks }>> {
  const { vault, from: read } = await engine.reading(copy);
  const state = trashed ? 'trashed' : 'live';
  const { manifests, unreadable } = await vault.listManifests();
  return {
    stored: manifests.filter((stored) => stored.state === state),
    marks: await readMarks(engine, { vault, from: read }),
    unreadable: unreadable
      .filter((stored) => stored.state === state)
      .map(({ backupId, reason }) => ({ backupId, reason })),
    from: read,
  };
}

export type ShownBackup = ListedBackup &
  Readonly<{
    productVersion: string;
    install: Manifest['install'];
    sources: readonly (Omit<Manifest['sources'][number], 'listing'> &
      Readonly<{ entries: number; files: number; bytes: number; provenAt: string | null }>)[];
    warnings: Manifest['warnings'];
    notes: Manifest['notes'];
    /** The copy that was read; null: the vault itself. */
    from: string | null;
  }>;

/** One backup with all its parts, warnings and notes. */
export const show = operation(
  z.strictObject({ backupId: z.string().max(64), from }),
  async (engine, { backupId, from: copy }): Promise<ShownBackup> => {
    assertBackupId(backupId);
    const { vault, from: read } = await engine.reading(copy);
    const stored = await vault.loadManifest(backupId);
    const marks = await readMarks(engine, { vault, from: read });
    const { manifest } = stored;
    return {
      ...listed(stored, marks),
      productVersion: manifest.productVersion,
      install: manifest.install,
      sources: inOrder(manifest.sources).map(({ listing, ...source }) => ({
        ...source,
        entries: listing?.entries ?? 0,
        files: listing?.files ?? 0,
        bytes: listing?.bytes ?? 0,
        provenAt: isoTime(marks.proofs.get(backupId)?.[sourceText(source)]),
      })),
      warnings: manifest.warnings,
      notes: manifest.notes,
      from: read,
    };
  },
);

/** As they were captured, but for the volumes of a component: those by name. */
function inOrder(sources: Manifest['sources']): Manifest['sources'] {
  const components = Map.groupBy(sources, ({ component }) => component);
  return [...components.values()].flatMap((parts) =>
    parts.toSorted((one, other) => compareNames(one.volume, other.volume)),
  );
}

export type Marks = Readonly<{
  pinned: ReadonlySet<string>;
  damaged: ReadonlySet<string>;
  proofs: ReadonlyMap<string, Readonly<Record<string, number>>>;
}>;

/** What is known of backups beside their manifests; of those in a copy, what is damaged is told by its own checks. */
export async function readMarks(
  engine: Engine,
  { vault, from: copy }: Readonly<{ vault: OpenedVault; from: string | null }>,
): Promise<Marks> {
  const { pinned, proofs } = await vault.listMarks();
  return {
    pinned,
    damaged: copy === null ? await damagedBackups(engine, vault) : new Set(),
    proofs: new Map(proofs.map(({ backupId, provenAtMs }) => [backupId, provenAtMs])),
  };
}

/** A backup as lists show it. */
export function listed({ manifest, state, trashedAtMs }: StoredManifest, marks: Marks): ListedBackup {
  const { backupId, sources } = manifest;
  const { trinityVersion } = manifest.install;
  const complete = sources.filter((source) => source.state === 'complete');
  const sum = (of: (source: Manifest['sources'][number]) => number): number =>
    sources.reduce((total, source) => total + of(source), 0);
  return {
    backupId,
    timestamp: manifest.timestamp,
    trigger: manifest.trigger,
    note: manifest.note ?? null,
    components: [...new Set(complete.map(({ component }) => component))],
    agents: [...new Set(complete.flatMap(({ agents }) => agents))].toSorted(compareNames),
    files: sum(({ listing }) => listing?.files ?? 0),
    bytes: sum(({ listing }) => listing?.bytes ?? 0),
    bytesAdded: sum(({ bytesAdded }) => bytesAdded),
    bytesStored: sum(({ bytesStored }) => bytesStored),
    durationMs: manifest.durationMs,
    incomplete: complete.length < sources.length,
    warningCount: manifest.warnings.length,
    pinned: marks.pinned.has(backupId),
    damaged: marks.damaged.has(backupId) || sources.some((source) => damageAtSource(source) !== undefined),
    provenSources: Object.keys(marks.proofs.get(backupId) ?? {}).length,
    sourceCount: sources.length,
    installId: manifest.installId,
    trinityVersion: typeof trinityVersion === 'string' ? trinityVersion : null,
    checksum: checksumOf(manifest),
    state,
    trashedAt: isoTime(trashedAtMs),
  };
}

/** Over the name and the listing's checksum of each source: what a restore is held to. */
function checksumOf({ sources }: Manifest): string {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(`${sourceText(source)}\0${source.listing?.checksum ?? ''}\n`);
  return hash.digest('hex');
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
