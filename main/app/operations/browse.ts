import { z } from 'zod';
import { listFiles, listFilesPage } from '../../backup/browse/browse.ts';
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

export type FilesPage = Read & Readonly<{ files: readonly ListedEntry[]; next: string | null }>;

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

/** One page of a folder of one source; `next` is `after` for the page that follows. */
export const filesPage = operation(
  z.strictObject({
    backupId: z.string().max(64),
    component: z.string().max(255),
    volume: z.string().max(255),
    path: name,
    after: name.optional(),
    limit: z.number().int().min(1).max(1000),
    from,
  }),
  async (engine, { backupId, from: copy, ...request }): Promise<FilesPage> => {
    assertBackupId(backupId);
    const { vault, from: read } = await engine.reading(copy);
    const { files: found, next } = await listFilesPage(vault, backupId, request);
    return { files: found, next: next ?? null, from: read };
  },
);

export type Difference = Read &
  Readonly<{
    counts: Readonly<Record<DiffEntry['change'], number>>;
    entries: readonly DiffEntry[];
    isCut: boolean;
  }>;

/** What differs from one backup to another; all is counted, the first hundred thousand entries are told. */
export const diff = operation(
  z.strictObject({ firstId: z.string().max(64), secondId: z.string().max(64), from }),
  async (engine, { firstId, secondId, from: copy }, { signal }): Promise<Difference> => {
    assertBackupId(firstId);
    assertBackupId(secondId);
    const counts = { added: 0, removed: 0, changed: 0, metadata: 0 };
    const entries: DiffEntry[] = [];
    let isCut = false;
    const { vault, from: read } = await engine.reading(copy);
    for await (const entry of diffBackups(vault, firstId, secondId)) {
      signal.throwIfAborted();
      counts[entry.change] += 1;
      if (entries.length < mostEntries) entries.push(entry);
      else isCut = true;
    }
    return { counts, entries, isCut, from: read };
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
