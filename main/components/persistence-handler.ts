import { chmodSync, chownSync, statSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { setTimes } from '../platform/libc.ts';
import { checkDatabase } from '../trinity/check-database.ts';
import { databaseFacts } from '../trinity/database-facts.ts';
import type {
  BackupContext,
  ComponentHandler,
  HelperFiles,
  RestoreContext,
  Swap,
} from './component-handler.ts';
import { dataPlace } from './data-place.ts';
import type { RunCopy } from './database-copy.ts';
import { databaseCopyOf } from './database-copy.ts';
import { isPostgresSource, postgresCapture, stageDump, validateDump } from './postgres-source.ts';

/** SQLite's files besides the main one: they belong to it and to no other. */
export const sidecarSuffixes = ['-journal', '-wal', '-shm'] as const;

const fileFacts = z.object({
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  mtimeNs: z.string().regex(/^-?[0-9]{1,24}$/),
});

/** What a source of this component holds beside its listing. */
const sourceFacts = z.object({
  name: z.string().regex(/^[^/\0]{1,255}$/),
  file: fileFacts,
  damaged: z.string().optional(),
  rowCounts: z.record(z.string(), z.number()).optional(),
});

export type DatabaseSourceFacts = Readonly<z.infer<typeof sourceFacts>>;

/** Facts of a database source; `damaged` when the manifest lacks them. */
export function databaseSourceFacts(source: ManifestSource): DatabaseSourceFacts {
  const facts = sourceFacts.safeParse(source.facts);
  if (facts.success && facts.data.name !== '..' && facts.data.name !== '.') return facts.data;
  throw new AppError(
    'damaged',
    'The backup does not say which file the database is. Restore an earlier backup.',
  );
}

async function backup(context: BackupContext): Promise<readonly ManifestSource[]> {
  let copy: RunCopy;
  try {
    copy = await databaseCopyOf(context);
  } catch (error) {
    context.signal.throwIfAborted();
    return [context.fail('', [], error)];
  }
  if (copy.kind === 'postgres') {
    recordMigrations(copy, context);
    return [await context.capture(postgresCapture(copy))];
  }
  const { method, lockedMs, damaged, rowCounts } = copy.copy;
  if (damaged !== undefined) {
    context.warn({
      code: 'database-damaged',
      message: `The database is damaged and was copied as it is: ${damaged}. Restore it from an earlier backup.`,
      component: 'persistence',
    });
  } else {
    recordMigrations(copy, context);
  }
  const { mode, uid, gid, mtimeNs } = copy.live;
  const { dataAccess } = context.install;
  const access = { access: dataAccess.mode, accessReason: dataAccess.reason };
  const facts = {
    name: path.basename(copy.rows),
    file: { mode, uid, gid, mtimeNs },
    method,
    lockedMs,
    ...access,
  };
  return [
    await context.capture({
      volume: '',
      agents: [],
      root: copy.folder,
      exclude: [],
      lockedMs,
      facts: { ...facts, ...(damaged === undefined ? { rowCounts: { ...rowCounts } } : { damaged }) },
    }),
  ];
}

function recordMigrations({ rows }: RunCopy, context: BackupContext): void {
  const { migrations, lastMigration } = databaseFacts(rows);
  context.record('migrations', [...migrations]);
  context.record('lastMigration', lastMigration);
}

async function validateSource(
  source: ManifestSource,
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (isPostgresSource(source)) return await validateDump(source, folder, signal);
  const { name, damaged, rowCounts } = databaseSourceFacts(source);
  if (damaged !== undefined) return [`the database was already damaged when it was copied: ${damaged}`];
  // Beside the tree, in a folder of ours: whoever removes that after a kill removes a copy of the database, too.
  const check = await checkDatabase(path.join(folder, name), signal, { scratch: path.dirname(folder) });
  if (!check.ok) return check.problems;
  const differing = Object.entries(rowCounts ?? {}).filter(
    ([table, rows]) => check.rowCounts[table] !== rows,
  );
  return differing.map(
    ([table, rows]) => `table ${table} has ${String(check.rowCounts[table] ?? 0)} rows, not ${String(rows)}`,
  );
}

/** The main file and its sidecars are swapped as one set: what lies beside a database decides what it holds. */
async function restore(
  sources: readonly ManifestSource[],
  context: RestoreContext,
): Promise<readonly Swap[]> {
  const swaps: Swap[] = [];
  for (const source of sources) {
    if (isPostgresSource(source)) await stageDump(source, context);
    else swaps.push(...(await stageDatabase(source, context)));
  }
  return swaps;
}

async function stageDatabase(source: ManifestSource, context: RestoreContext): Promise<readonly Swap[]> {
  const { databaseFile } = context.install;
  if (databaseFile === undefined) {
    throw new AppError(
      'refused',
      'This backup holds a SQLite database, but Trinity is set to Postgres here. Restore it into a folder (--to).',
    );
  }
  const facts = databaseSourceFacts(source);
  if (context.install.dataAccess.mode !== 'host') {
    await stageForHelper(source, facts, context);
    return [];
  }
  const folder = path.dirname(databaseFile);
  await context.ensureFolder(folder);
  const work = await context.openWorkFolder(folder);
  const tree = path.join(work, 'staged');
  await context.stage(source, tree);
  const swaps: Swap[] = [];
  // The main file last: nothing ever lies beside it that is not its own.
  for (const suffix of [...sidecarSuffixes, '']) {
    const staged = facts.name + suffix;
    const isStaged = await giveMeta(path.join(tree, staged), facts);
    if (isStaged && !hasOwner(path.join(tree, staged), facts)) context.warn(ownerWarning(facts));
    swaps.push({
      kind: 'whole',
      live: { root: folder, path: Buffer.from(path.basename(databaseFile) + suffix) },
      staged: isStaged ? { root: tree, path: Buffer.from(staged) } : undefined,
      work,
      keep: undefined,
    });
  }
  return swaps;
}

/** Staged here, where it can be checked and changed; all names of the set give way. */
async function stageForHelper(
  source: ManifestSource,
  facts: DatabaseSourceFacts,
  context: RestoreContext,
): Promise<void> {
  const { database } = context.install;
  if (database.kind !== 'sqlite') throw new Error('A file of SQLite goes where SQLite is used.');
  const tree = path.join(await context.openPrivateFolder(), 'staged');
  await context.stage(source, tree);
  const names = [...sidecarSuffixes, ''].map((suffix) => ({
    file: path.join(tree, facts.name + suffix),
    name: Buffer.from(database.path + suffix),
  }));
  const meta = { ...facts.file, mtimeNs: BigInt(facts.file.mtimeNs) };
  const files: HelperFiles['files'][number][] = [];
  for (const { file, name } of names) if (await isRegular(file)) files.push({ file, name, meta });
  const gives = names.map(({ name }) => name);
  context.stageFilesByHelper(source, dataPlace(context.install), { files, gives });
}

/** The copy was private (0600, ours): what takes the live place gets owner, mode and time of the file it was copied from. */
async function giveMeta(file: string, facts: DatabaseSourceFacts): Promise<boolean> {
  if (!(await isRegular(file))) return false;
  const { mode, uid, gid, mtimeNs } = facts.file;
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
  chmodSync(file, mode);
  setTimes(file, BigInt(mtimeNs), BigInt(mtimeNs));
  return true;
}

function hasOwner(file: string, facts: DatabaseSourceFacts): boolean {
  const { uid, gid } = statSync(file);
  return uid === facts.file.uid && gid === facts.file.gid;
}

function ownerWarning({ file: { uid, gid } }: DatabaseSourceFacts): Finding {
  const message = `The owner of the database could not be set (${String(uid)}:${String(gid)}): it belongs to who runs this. Restore as root to keep owners.`;
  return { code: 'owner-not-kept', message };
}

/** False where nothing is. */
async function isRegular(file: string): Promise<boolean> {
  try {
    if ((await lstat(file)).isFile()) return true;
    throw new AppError('damaged', 'The backup holds something else in place of the database.');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

export const persistenceHandler: ComponentHandler = {
  component: 'persistence',
  backup,
  validateSource,
  restore,
};
