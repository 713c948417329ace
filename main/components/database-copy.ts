import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { readAgents } from '../trinity/agents.ts';
import type { DatabaseCopy } from '../trinity/copy-database.ts';
import { copyDatabase } from '../trinity/copy-database.ts';
import type { AgentRow, TrinityInstall } from '../trinity/install.ts';
import type { BackupContext } from './component-handler.ts';

/** The private copy of the database that one run works with, and what the live file was when it was made. */
export type RunCopy = Readonly<{ folder: string; file: string; copy: DatabaseCopy; live: LiveFile }>;

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

/** A second copy, after all volumes, where the live file has changed since the first; undefined when it has not. */
export async function laterCopyOf(question: CopyQuestion, first: RunCopy): Promise<RunCopy | undefined> {
  const live = await readLiveFile(databaseFileOf(question.install));
  const isSame =
    live.inode === first.live.inode && live.size === first.live.size && live.mtimeNs === first.live.mtimeNs;
  return isSame ? undefined : await makeCopy(question, 'after');
}

/** The agents of a copy; undefined when it is too damaged to tell. */
export function agentsOfCopy(copy: RunCopy): readonly AgentRow[] | undefined {
  try {
    return readAgents(copy.file);
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') return undefined;
    throw error;
  }
}

async function makeCopy({ install, scratch, signal }: CopyQuestion, name: string): Promise<RunCopy> {
  const file = databaseFileOf(install);
  const live = await readLiveFile(file);
  const folder = path.join(scratch, name);
  await mkdir(folder, { mode: 0o700 });
  const copy = await copyDatabase({ file, targetFolder: folder, signal });
  return { folder, file: path.join(folder, path.basename(file)), copy, live };
}

function databaseFileOf(install: TrinityInstall): string {
  if (install.databaseFile !== undefined) return install.databaseFile;
  throw new AppError(
    'unavailable',
    'Trinity keeps its database in Postgres here, which this version cannot copy. Back it up with pg_dump.',
  );
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
