import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, hasCode, messageOf } from '../../../shared/lib/app-error.ts';
import { listOwnedFiles, OwnedFile } from '../../platform/owned-file.ts';

const quietContainer = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12,64}$/),
  name: z.string().min(1).max(255),
  /** When it was started last, as the engine writes it: at another moment it is another run of the container. */
  startedAt: z.string().max(64),
  /** What we do to it, written down before we do. */
  action: z.enum(['pause', 'stop']),
  /** What it had before we set it to `no`, so that the engine does not start it in the middle of a restore. */
  restartPolicy: z
    .strictObject({ name: z.string().max(64), maximumRetryCount: z.number().int().nonnegative() })
    .optional(),
  /** It was paused before it was stopped, and is to be again. */
  wasPaused: z.boolean().optional(),
});

const journalShape = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /**
   * `copying`: whoever finds the journal without an owner brings the containers back at once. `restore`: nobody starts them before
   * the restore was finished or undone.
   */
  purpose: z.enum(['copying', 'restore']),
  /** The engine's address. */
  host: z.string().min(1).max(4096),
  containers: z.array(quietContainer).max(100_000),
});

export type QuietContainer = Readonly<z.infer<typeof quietContainer>>;
export type QuiesceJournalContent = Readonly<z.infer<typeof journalShape>>;

const namePattern = /^quiesce-([0-9a-f]{12})\.json$/u;

/** Names every container that is not as we found it. Its lock is held as long as its owner lives. */
export class QuiesceJournal implements AsyncDisposable {
  readonly #file: OwnedFile;
  #content: QuiesceJournalContent;
  #writing = Promise.resolve();

  private constructor(file: OwnedFile, content: QuiesceJournalContent) {
    this.#file = file;
    this.#content = content;
  }

  /** Begins an empty journal in `folder`, which is made where it is not (0700). Durable when it resolves. */
  static async begin(
    folder: string,
    begun: Pick<QuiesceJournalContent, 'id' | 'purpose' | 'host'>,
  ): Promise<QuiesceJournal> {
    const content: QuiesceJournalContent = { format: 1, ...begun, containers: [] };
    const file = await OwnedFile.begin(path.join(folder, `quiesce-${begun.id}.json`), rendered(content));
    if (file === undefined) throw new AppError('busy', 'Another run has this journal. Try again.');
    return new QuiesceJournal(file, content);
  }

  /** Takes over what a dead owner left; undefined while it lives, or when nothing is left. `damaged` when it cannot be read. */
  static async takeOver(file: string): Promise<QuiesceJournal | undefined> {
    const left = await OwnedFile.takeOver(file, read);
    return left === undefined ? undefined : new QuiesceJournal(left.owned, left.content);
  }

  get file(): string {
    return this.#file.path;
  }

  get content(): QuiesceJournalContent {
    return this.#content;
  }

  /** Durable when it resolves: only then may the containers be touched. */
  async add(containers: readonly QuietContainer[]): Promise<void> {
    await this.#write((before) => [...before, ...containers]);
  }

  /** They are as they were. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.#write((before) => before.filter(({ id }) => !ids.includes(id)));
  }

  /** Nothing is left to bring back. */
  async remove(): Promise<void> {
    await this.#file.remove();
  }

  /** Lets go of it; what it still names is left for whoever takes it over. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }

  /** One change after the other: two volumes may be frozen by one run. */
  async #write(change: (before: readonly QuietContainer[]) => readonly QuietContainer[]): Promise<void> {
    const before = this.#writing;
    const turn = Promise.withResolvers<void>();
    this.#writing = turn.promise;
    await before;
    try {
      const next = { ...this.#content, containers: [...change(this.#content.containers)] };
      await this.#file.write(rendered(next));
      this.#content = next;
    } finally {
      turn.resolve();
    }
  }
}

/** Paths of the journals in a folder, whoever owns them. */
export async function listQuiesceJournals(folder: string): Promise<readonly string[]> {
  return (await listOwnedFiles(folder, namePattern)).map((name) => path.join(folder, name));
}

function rendered(content: QuiesceJournalContent): Buffer {
  return Buffer.from(JSON.stringify(content));
}

async function read(file: string): Promise<QuiesceJournalContent | undefined> {
  try {
    return journalShape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    const message = `The journal ${file} cannot be read: ${messageOf(error)}. Start the agents by hand, then remove it.`;
    throw new AppError('damaged', message, { cause: error });
  }
}
