import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, hasCode } from '../../shared/lib/app-error.ts';
import { backupId } from '../../shared/model/backup-id.ts';
import type { Place } from '../components/component-handler.ts';
import { syncFolder, writeFileAtomic } from '../platform/atomic-file.ts';
import type { FileLock } from '../platform/file-lock.ts';
import { tryLockFile } from '../platform/file-lock.ts';
import { pathBytes, pathText } from '../platform/path-text.ts';
import type { FolderMeta } from './safe-place.ts';

const maxPath = 20_000;
const place = z.strictObject({ root: z.string().startsWith('/').max(4096), path: z.string().max(maxPath) });
const whole = z.string().regex(/^-?[0-9]{1,24}$/);
const xattr = z.strictObject({ name: z.base64().max(400), value: z.base64().max(100_000) });
const meta = z.strictObject({
  mode: z.number().int().nonnegative().max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  atimeNs: whole,
  mtimeNs: whole,
  xattrs: z.array(xattr).optional(),
});

/**
 * One rename. `park`: what is live goes aside; done when `to` is there. `carry`: what stays goes from what was parked into what is
 * staged; done when `to` is there. `place`: what is staged goes live; done when `from` is gone. So each is decided from the disk.
 */
const move = z.strictObject({
  kind: z.enum(['park', 'carry', 'place']),
  /** Moves of one group belong together (a database and its sidecars). */
  group: z.number().int().nonnegative(),
  from: place,
  to: place,
  /** Device and inode of what is placed, which tells it from what others put there. */
  identity: z.string().max(64).optional(),
});

/** A live place of a group where nothing was and nothing may be: the journal of a database, say. */
const absent = z.strictObject({ group: z.number().int().nonnegative(), live: place });

/** A live folder whose owner, mode, times or attributes change with the swap: what it has before and after. */
const folder = z.strictObject({ live: place, before: meta.optional(), after: meta.optional() });

const databaseName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\0]*$/u);

/** A Postgres database that another one takes the place of. Ids tell them apart whatever they are called meanwhile. */
const database = z.strictObject({
  host: z.string().max(4096),
  container: z.string().max(255),
  port: z.number().int().positive(),
  user: z.string().max(255),
  live: databaseName,
  staged: databaseName,
  parked: databaseName,
  /** Undefined until it was looked up, or when there is none. */
  liveOid: z.number().int().positive().optional(),
  /** Undefined until it was made. */
  stagedOid: z.number().int().positive().optional(),
});

const journalModel = z.strictObject({
  format: z.literal(1),
  restoreId: z.string().regex(/^[0-9a-f]{12}$/),
  backupId,
  startedAt: z.iso.datetime(),
  /**
   * `staging`: nothing live was touched. `swapping`: undo what was moved. `undoing`: go on with that. `committed`: only our
   * leftovers have to go.
   */
  phase: z.enum(['staging', 'swapping', 'undoing', 'committed']),
  /** Folders of ours, named here before they are made. */
  workFolders: z.array(z.string().startsWith('/').max(maxPath)),
  /** Live folders that were not there, outermost first; they go when the restore does not come about and they are empty. */
  madeFolders: z.array(z.string().startsWith('/').max(maxPath)),
  /** Volumes that the engine at `host` made for us; like `madeFolders`. */
  madeVolumes: z.array(z.strictObject({ host: z.string().max(4096), name: z.string().max(255) })).default([]),
  moves: z.array(move),
  absents: z.array(absent),
  folders: z.array(folder),
  databases: z.array(database).default([]),
});

export type Journal = Readonly<z.infer<typeof journalModel>>;
export type JournalDatabase = Journal['databases'][number];
export type JournalMove = Journal['moves'][number];
export type JournalFolder = Journal['folders'][number];
export type JournalPlace = z.infer<typeof place>;
export type JournalMeta = z.infer<typeof meta>;

export function toJournalPlace(from: Place): JournalPlace {
  return { root: from.root, path: pathText(from.path) };
}

export function fromJournalPlace(from: JournalPlace): Place {
  return { root: from.root, path: pathBytes(from.path) };
}

export function toJournalMeta({ xattrs, ...meta }: FolderMeta): JournalMeta {
  const times = { atimeNs: String(meta.atimeNs), mtimeNs: String(meta.mtimeNs) };
  if (xattrs === undefined) return { ...meta, ...times };
  const texts = xattrs.map(({ name, value }) => ({
    name: name.toString('base64'),
    value: value.toString('base64'),
  }));
  return { ...meta, ...times, xattrs: texts };
}

export function fromJournalMeta({ xattrs, ...meta }: JournalMeta): FolderMeta {
  const times = { atimeNs: BigInt(meta.atimeNs), mtimeNs: BigInt(meta.mtimeNs) };
  if (xattrs === undefined) return { ...meta, ...times };
  const bytes = xattrs.map(({ name, value }) => ({
    name: Buffer.from(name, 'base64'),
    value: Buffer.from(value, 'base64'),
  }));
  return { ...meta, ...times, xattrs: bytes };
}

export function journalsFolder(home: string): string {
  return path.join(home, 'journals');
}

/** A journal whose lock we hold: nobody else undoes or finishes that restore meanwhile. */
export class OpenJournal implements AsyncDisposable {
  readonly #file: string;
  readonly #lock: FileLock;
  #content: Journal;
  #mayBeCommitted = false;

  private constructor(file: string, lock: FileLock, content: Journal) {
    this.#file = file;
    this.#lock = lock;
    this.#content = content;
  }

  /** Begins the journal of a new restore. */
  static async begin(
    home: string,
    begun: Readonly<{ restoreId: string; backupId: string; startedAt: string }>,
  ): Promise<OpenJournal> {
    const folderPath = journalsFolder(home);
    if ((await mkdir(folderPath, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(home);
    const file = path.join(folderPath, `restore-${begun.restoreId}.json`);
    const lock = await tryLockFile(`${file}.lock`);
    if (lock === undefined)
      throw new AppError('busy', 'Another restore has just begun. Wait for it to end, then try again.');
    const empty = {
      workFolders: [],
      madeFolders: [],
      madeVolumes: [],
      moves: [],
      absents: [],
      folders: [],
      databases: [],
    };
    const journal = new OpenJournal(file, lock, { format: 1, ...begun, phase: 'staging', ...empty });
    try {
      await journal.update({});
    } catch (error) {
      await lock.removeAndRelease();
      throw error;
    }
    return journal;
  }

  /** Opens what a dead restore left; undefined while its owner lives or when it is gone. `damaged` when it cannot be read. */
  static async open(home: string, name: string): Promise<OpenJournal | undefined> {
    const file = path.join(journalsFolder(home), name);
    const lock = await tryLockFile(`${file}.lock`);
    if (lock === undefined) return undefined;
    try {
      const content = await readJournal(file);
      if (content !== undefined) return new OpenJournal(file, lock, content);
      await lock.removeAndRelease();
      return undefined;
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The home that it lies in. */
  get home(): string {
    return path.dirname(path.dirname(this.#file));
  }

  get content(): Journal {
    return this.#content;
  }

  /** Durable when it resolves. */
  async update(
    change: Partial<Omit<Journal, 'format' | 'restoreId' | 'backupId' | 'startedAt'>>,
  ): Promise<void> {
    const next = { ...this.#content, ...change };
    if (next.phase === 'committed') this.#mayBeCommitted = true;
    await writeFileAtomic(this.#file, [Buffer.from(JSON.stringify(next))]);
    this.#content = next;
  }

  /** Writing the commit record was tried: it may be on the disk although that failed. */
  get mayBeCommitted(): boolean {
    return this.#mayBeCommitted;
  }

  /** Nothing is left to do. */
  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
    await syncFolder(path.dirname(this.#file));
    await this.#lock.removeAndRelease();
  }

  /** Lets go of the journal and leaves it for a recovery. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]();
  }
}

/** File names of the journals in a home. */
export async function listJournals(home: string): Promise<readonly string[]> {
  try {
    const names = await readdir(journalsFolder(home));
    return names.filter((name) => /^restore-[0-9a-f]{12}\.json$/u.test(name)).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function readJournal(file: string): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return journalModel.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError(
      'damaged',
      `The journal of a restore, ${file}, is not what this version can read. Keep it and ask for help.`,
      { cause: error },
    );
  }
}
