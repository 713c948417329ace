import { lstat, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { readAgents } from '../trinity/agents.ts';
import type { DatabaseCopy } from '../trinity/copy-database.ts';
import { copyDatabase } from '../trinity/copy-database.ts';
import { fetchDatabase, lookAtDatabase, type DatabaseInVolume } from '../trinity/helper/fetch-database.ts';
import type { AgentRow, TrinityInstall } from '../trinity/install.ts';
import { dumpDatabase } from '../trinity/postgres/dump-database.ts';
import { postgresPlace } from '../trinity/postgres/place-of-install.ts';
import { openPostgres } from '../trinity/postgres/postgres-server.ts';
import type { Archive } from '../trinity/postgres/read-archive.ts';
import type { BackupContext } from './component-handler.ts';
import { dataTarget } from './data-place.ts';

/** The private copy of the database that one run works with. */
export type RunCopy = SqliteCopy | PostgresCopy;

/** `rows` is a SQLite database, of all rows or of those of agents, schedules and credentials. */
type CopiedRows = Readonly<{ folder: string; rows: string }>;

/** With what the live file was when it was made. */
export type SqliteCopy = CopiedRows & Readonly<{ kind: 'sqlite'; copy: DatabaseCopy; live: LiveFile }>;

export type PostgresCopy = CopiedRows & Readonly<{ kind: 'postgres'; archive: Archive }>;

/** Name of a dump in the source of the database. */
export const dumpName = 'trinity.dump';

/** Tables that say which volumes belong to whom. */
const ownerTables = ['agent_ownership', 'agent_shared_folder_config'] as const;

export type LiveFile = Readonly<{
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtimeNs: string;
  inode: string;
}>;

export type CopyQuestion = Pick<BackupContext, 'install' | 'scratch' | 'signal'>;

// An install is read anew for each run: all parts of a run see the same copy, and no other run does.
const copies = new WeakMap<TrinityInstall, Promise<RunCopy>>();

/** The copy of this run, made when it is first asked for. */
export async function databaseCopyOf(question: CopyQuestion): Promise<RunCopy> {
  const known = copies.get(question.install);
  if (known !== undefined) return await known;
  const made = makeCopy(question, 'persistence');
  copies.set(question.install, made);
  return await made;
}

async function makeCopy(question: CopyQuestion, name: string): Promise<RunCopy> {
  const { database } = question.install;
  return database.kind === 'postgres' ? await makeDump(question, name) : await copyFile(question, name);
}

/** A second copy, after all volumes, where the rows may have changed since the first; undefined when they have not. */
export async function laterCopyOf(question: CopyQuestion, first: RunCopy): Promise<RunCopy | undefined> {
  if (first.kind === 'postgres') return await makeDump(question, 'after', ownerTables);
  const place = volumeOf(question);
  const live =
    place === undefined ? await readLiveFile(databaseFileOf(question.install)) : await lookAtDatabase(place);
  const isSame =
    live.inode === first.live.inode && live.size === first.live.size && live.mtimeNs === first.live.mtimeNs;
  return isSame ? undefined : await makeCopy(question, 'after');
}

/** The agents of a copy; undefined when it is too damaged to tell. */
export function agentsOfCopy(copy: RunCopy): readonly AgentRow[] | undefined {
  try {
    return readAgents(copy.rows);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') return undefined;
    throw error;
  }
}

async function makeDump(
  { install, scratch, signal }: CopyQuestion,
  name: string,
  tables: readonly string[] = [],
): Promise<PostgresCopy> {
  const { database, ...place } = postgresPlace(install);
  const server = await openPostgres(place, signal);
  const folder = path.join(scratch, name);
  await mkdir(folder, { mode: 0o700 });
  // Beside the folder: what lies in it is the source.
  const rows = `${folder}.rows`;
  const file = path.join(folder, dumpName);
  const archive = await dumpDatabase({ server, database, file, extract: rows, tables, signal });
  return { kind: 'postgres', folder, rows, archive };
}

/** SQLite's locks do not reach across a virtual machine: what only a container can read is read in one. */
async function copyInVolume(
  {
    place,
    scratch,
    signal,
  }: Readonly<{ place: DatabaseInVolume } & Pick<CopyQuestion, 'scratch' | 'signal'>>,
  name: string,
): Promise<SqliteCopy> {
  const [raw, folder] = [path.join(scratch, `${name}.raw`), path.join(scratch, name)];
  await mkdir(raw, { mode: 0o700 });
  await mkdir(folder, { mode: 0o700 });
  const file = path.join(raw, path.basename(place.path));
  const { live, lockedMs } = await fetchDatabase(place, file);
  // From here on it is as any other: compacted or by page, played back, checked and counted.
  const copy = await copyDatabase({ file, targetFolder: folder, signal });
  await rm(raw, { recursive: true, force: true });
  return {
    kind: 'sqlite',
    folder,
    rows: path.join(folder, path.basename(file)),
    copy: { ...copy, lockedMs },
    live,
  };
}

/** Undefined where the database is a file of this machine. */
function volumeOf({ install, signal }: CopyQuestion): DatabaseInVolume | undefined {
  const { engine, database } = install;
  const target = dataTarget(install);
  if (target === undefined || engine === undefined || database.kind !== 'sqlite') return undefined;
  return { engine, target, path: database.path, signal };
}

async function copyFile(question: CopyQuestion, name: string): Promise<SqliteCopy> {
  const place = volumeOf(question);
  if (place !== undefined) return await copyInVolume({ ...question, place }, name);
  const { install, scratch, signal } = question;
  const file = databaseFileOf(install);
  const live = await readLiveFile(file);
  const folder = path.join(scratch, name);
  await mkdir(folder, { mode: 0o700 });
  const copy = await copyDatabase({ file, targetFolder: folder, signal });
  return { kind: 'sqlite', folder, rows: path.join(folder, path.basename(file)), copy, live };
}

function databaseFileOf(install: TrinityInstall): string {
  if (install.databaseFile !== undefined) return install.databaseFile;
  throw new Error('The install keeps its database in Postgres.');
}

async function readLiveFile(file: string): Promise<LiveFile> {
  try {
    const stat = await lstat(file, { bigint: true });
    return {
      mode: Number(stat.mode & 0o7777n),
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      size: Number(stat.size),
      mtimeNs: String(stat.mtimeNs),
      inode: String(stat.ino),
    };
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    throw new AppError(
      'unavailable',
      `${file} is missing: there is no database to back up. Restore it from a backup.`,
      {
        cause: error,
      },
    );
  }
}
