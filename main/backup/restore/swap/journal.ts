import { mkdir, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import { removeFileAtomic, syncFolder, writeFileAtomic, writtenName } from '../../../platform/atomic-file.ts';
import type { FileLock } from '../../../platform/file-lock.ts';
import { tryLockFile } from '../../../platform/file-lock.ts';
import { parseCheckedJson, renderCheckedJson } from '../../../vault/format/checked-json.ts';
import { parseJournal } from './journal-model.ts';
import type { Journal } from './journal-model.ts';

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
      helperSwaps: [],
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
      // Killed before it was there: nothing was begun.
      await removeFileAtomic(file);
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
    if (parseJournal(next) === undefined) throw new Error('No recovery could read this journal.');
    if (next.phase === 'committed') this.#mayBeCommitted = true;
    await writeFileAtomic(this.#file, [renderCheckedJson(next)]);
    this.#content = next;
  }

  /** Writing the commit record was tried: it may be on the disk although that failed. */
  get mayBeCommitted(): boolean {
    return this.#mayBeCommitted;
  }

  /** Nothing is left to do. */
  async remove(): Promise<void> {
    await removeFileAtomic(this.#file);
    await this.#lock.removeAndRelease();
  }

  /** Lets go of the journal and leaves it for a recovery. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]();
  }
}

/** File names of the journals in a home, also of those whose first writing was cut off. */
export async function listJournals(home: string): Promise<readonly string[]> {
  try {
    const names = await readdir(journalsFolder(home));
    const written = new Set(names.map((name) => writtenName(name)));
    return [...written].filter((name) => /^restore-[0-9a-f]{12}\.json$/u.test(name)).toSorted();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function readJournal(file: string): Promise<Journal | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const journal = parseJournal(withoutChecksum(parseCheckedJson(bytes)));
  if (journal !== undefined) return journal;
  const message = `The journal of a restore, ${file}, is not what this version can read. Keep it and ask for help.`;
  throw new AppError('damaged', message);
}

function withoutChecksum(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'checksum'));
}
