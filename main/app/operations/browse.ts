import { z } from 'zod';
import { listFiles, listFilesPage } from '../../backup/browse/browse.ts';
import { changeKind } from '../../../shared/model/comparison.ts';
import { collectComparison, type ComparisonPage, comparisonPage } from '../../backup/browse/comparison.ts';
import { type DiffEntry, diffBackups } from '../../backup/browse/diff.ts';
import { findInBackups, type FindResult } from '../../backup/browse/find.ts';
import type { ListedEntry } from '../../backup/browse/listed-entry.ts';
import { operation } from '../operation.ts';
import { assertBackupId } from '../../../shared/model/backup-id.ts';

/** A result is one document: what is longer is cut, and says so. */
const mostEntries = 100_000;
const name = z.string().max(20_000);
/** The copy of the vault to read; left out, the vault itself or, while that is away, a copy of it. */
const from = z.string().max(64).optional();

/** The copy that was read; null: the vault itself. */
type Read = Readonly<{ from: string | null }>;

export type FileList = Read & Readonly<{ files: readonly ListedEntry[]; isCut: boolean }>;

export type FilesPage = Read & Readonly<{ files: readonly ListedEntry[]; total: number }>;

/** What lies directly in a folder of a backup, of every source that has it. */
export const files = operation(
  z.strictObject({
    backupId: z.string().max(64),
    component: z.string().max(255).optional(),
    volume: z.string().max(255).optional(),
    path: name.optional(),
    from,
  }),
  async (engine, { backupId, from: copy, ...place }, { signal }): Promise<FileList> => {
    assertBackupId(backupId);
    const found: ListedEntry[] = [];
    const { vault, from: read } = await engine.reading(copy);
    for await (const entry of listFiles(vault, backupId, place)) {
      signal.throwIfAborted();
      if (found.length === mostEntries) return { files: found, isCut: true, from: read };
      found.push(entry);
    }
    return { files: found, isCut: false, from: read };
  },
);

/** Any stretch of a folder of one source. */
export const filesPage = operation(
  z.strictObject({
    backupId: z.string().max(64),
    component: z.string().max(255),
    volume: z.string().max(255),
    path: name,
    offset: z.number().int().min(0),
    limit: z.number().int().min(1).max(1000),
    from,
  }),
  async (engine, { backupId, from: copy, ...request }, { signal }): Promise<FilesPage> => {
    assertBackupId(backupId);
    const { vault, from: read } = await engine.reading(copy);
    return { ...(await listFilesPage(vault, backupId, { ...request, signal })), from: read };
  },
);

export type Difference = Read &
  Readonly<{
    counts: Readonly<Record<DiffEntry['change'], number>>;
    entries: readonly DiffEntry[];
    isCut: boolean;
  }>;

const pair = { firstId: z.string().max(64), secondId: z.string().max(64), from };

/** What differs from one backup to another; all is counted, the first hundred thousand entries are told. */
export const diff = operation(
  z.strictObject(pair),
  async (engine, { firstId, secondId, from: copy }, { signal }): Promise<Difference> => {
    assertBackupId(firstId);
    assertBackupId(secondId);
    const { vault, from: read } = await engine.reading(copy);
    const differences = diffBackups(vault, firstId, secondId);
    const { counts, entries, isCut } = await collectComparison(differences, mostEntries, signal);
    return { counts, entries, isCut, from: read };
  },
);

export type DifferencePage = Read &
  ComparisonPage &
  Readonly<{
    counts: Difference['counts'];
    /** How many entries are told, of all that are counted. */
    listed: number;
    isCut: boolean;
  }>;

/** A stretch of the same, grouped by folder: of two large backups no answer is larger than a page. */
export const diffPage = operation(
  z.strictObject({
    ...pair,
    kind: changeKind,
    text: name,
    closed: z.array(z.number().int()).max(mostEntries),
    offset: z.number().int().min(0),
    limit: z.number().int().min(1).max(1000),
  }),
  async (engine, { firstId, secondId, from: copy, ...wish }, { signal }): Promise<DifferencePage> => {
    assertBackupId(firstId);
    assertBackupId(secondId);
    const { vault, from: read } = await engine.reading(copy);
    const comparison = await engine.comparison.get(
      [vault.id, read, firstId, secondId].join(' '),
      async () => await collectComparison(diffBackups(vault, firstId, secondId), mostEntries, signal),
    );
    const { counts, entries, isCut } = comparison;
    return {
      ...(await comparisonPage(comparison, wish, signal)),
      counts,
      listed: entries.length,
      isCut,
      from: read,
    };
  },
);

/** Paths by name, over all backups, with the versions of each. */
export const find = operation(
  z.strictObject({ name, from }),
  async (engine, input, { signal }): Promise<FindResult & Read> => {
    const { vault, from: read } = await engine.reading(input.from);
    return { ...(await findInBackups(vault, { name: input.name, signal })), from: read };
  },
);
