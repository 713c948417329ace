import path from 'node:path';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { readIfThere } from '../../../platform/atomic-file.ts';
import { isFileLocked } from '../../../platform/file-lock.ts';
import { listOwnedFiles, OwnedFile, ownerLockOf } from '../../../platform/owned-file.ts';
import { parseCheckedJson, renderCheckedJson } from '../../../vault/format/checked-json.ts';
import { parseJournal } from './journal-model.ts';
import type { Journal } from './journal-model.ts';

export function journalsFolder(home: string): string {
  return path.join(home, 'journals');
}

/** A journal whose lock we hold: nobody else undoes or finishes that restore meanwhile. */
export class OpenJournal implements AsyncDisposable {
  readonly #file: OwnedFile;
  #content: Journal;
  #mayBeCommitted = false;
  #isRemoved = false;

  private constructor(file: OwnedFile, content: Journal) {
    this.#file = file;
    this.#content = content;
  }

  /** Begins the journal of a new restore. */
  static async begin(
    home: string,
    begun: Readonly<{ restoreId: string; backupId: string; startedAt: string; isApart?: boolean }>,
  ): Promise<OpenJournal> {
    const empty = {
      workFolders: [],
      madeFolders: [],
      madeVolumes: [],
      moves: [],
      absents: [],
      folders: [],
      databases: [],
      helperSwaps: [],
      revivedAgents: [],
    };
    const content: Journal = { format: 1, isApart: false, ...begun, phase: 'staging', ...empty };
    const name = `restore-${begun.restoreId}.json`;
    const file = await OwnedFile.begin(path.join(journalsFolder(home), name), rendered(content));
    if (file === undefined)
      throw new AppError('busy', 'Another restore has just begun. Wait for it to end, then try again.');
    return new OpenJournal(file, content);
  }

  /** Opens what a dead restore left; undefined while its owner lives or when it is gone. `damaged` when it cannot be read. */
  static async open(home: string, name: string): Promise<OpenJournal | undefined> {
    const file = path.join(journalsFolder(home), name);
    const left = await OwnedFile.takeOver(file, readJournal);
    return left === undefined ? undefined : new OpenJournal(left.owned, left.content);
  }

  /** The home that it lies in. */
  get home(): string {
    return path.dirname(path.dirname(this.#file.path));
  }

  get content(): Journal {
    return this.#content;
  }

  /** Durable when it resolves. */
  async update(
    change: Partial<Omit<Journal, 'format' | 'restoreId' | 'backupId' | 'startedAt'>>,
  ): Promise<void> {
    const next = { ...this.#content, ...change };
    const bytes = rendered(next);
    if (next.phase === 'committed') this.#mayBeCommitted = true;
    await this.#file.write(bytes);
    this.#content = next;
  }

  /** Writing the commit record was tried: it may be on the disk although that failed. */
  get mayBeCommitted(): boolean {
    return this.#mayBeCommitted;
  }

  /** Nothing is left to do. */
  async remove(): Promise<void> {
    await this.#file.remove();
    this.#isRemoved = true;
  }

  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** Lets go of the journal and leaves it for a recovery. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

/** File names of the journals in a home, also of those whose first writing was cut off. */
export async function listJournals(home: string): Promise<readonly string[]> {
  return await listOwnedFiles(journalsFolder(home), /^restore-[0-9a-f]{12}\.json$/u);
}

/** Who works on what is live, or has left it mixed: `held` while somebody holds the journal, `left` when nobody does. */
export async function openRestores(home: string): Promise<Readonly<{ held: boolean; left: boolean }>> {
  const found = { held: false, left: false };
  for (const name of await listJournals(home)) {
    const file = path.join(journalsFolder(home), name);
    if (!(await concernsLive(file))) continue;
    found[(await isFileLocked(ownerLockOf(file))) ? 'held' : 'left'] = true;
  }
  return found;
}

/** Of what is gone meanwhile, or was never begun, nothing is concerned. */
async function concernsLive(file: string): Promise<boolean> {
  try {
    return (await readJournal(file))?.isApart === false;
  } catch {
    // Nobody knows: whoever recovers it says why.
    return true;
  }
}

/** What cannot be read back is not written. */
function rendered(journal: Journal): Buffer {
  if (parseJournal(journal) === undefined) throw new Error('No recovery could read this journal.');
  return renderCheckedJson(journal);
}

async function readJournal(file: string): Promise<Journal | undefined> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return undefined;
  const journal = parseJournal(withoutChecksum(parseCheckedJson(bytes)));
  if (journal !== undefined) return journal;
  const message = `The journal of a restore, ${file}, is not what this version can read. Keep it and ask for help.`;
  throw new AppError('damaged', message);
}

function withoutChecksum(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'checksum'));
}
