import { readFile, rename } from 'node:fs/promises';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { noticesFile, type NoticesFile } from '../../../shared/model/notice.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';
import { Turns } from '../../vault/index/turns.ts';

const empty: NoticesFile = { version: 1, book: {}, outbox: [], outcomes: {}, isFirstSuccessTold: false };

/**
 * What was told and what is still to be sent, kept over restarts so that nothing is told twice. A file that cannot be read is set
 * aside: then everything is told once more, which is better than not at all.
 */
export class NoticeStore {
  readonly #file: string;
  readonly #turns = new Turns();
  /** What could not be written (a full disk) holds until the process ends. */
  #unwritten: NoticesFile | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async read(): Promise<NoticesFile> {
    return this.#unwritten ?? (await this.#stored());
  }

  /** Changes asked for at once come one after the other. Never fails for the disk. */
  async change(apply: (before: NoticesFile) => NoticesFile): Promise<NoticesFile> {
    return await this.#turns.take(async () => {
      const before = await this.read();
      const after = apply(before);
      if (after !== before) await this.#write(after);
      return after;
    });
  }

  async #write(after: NoticesFile): Promise<void> {
    try {
      await writeFileAtomic(this.#file, [Buffer.from(`${JSON.stringify(after)}\n`)]);
      this.#unwritten = undefined;
    } catch {
      // A disk that is full is one of the things to tell of: it must not keep us from that.
      this.#unwritten = after;
    }
  }

  async #stored(): Promise<NoticesFile> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return empty;
      throw error;
    }
    const parsed = noticesFile.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    await rename(this.#file, `${this.#file}.unreadable`);
    return empty;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Judged by the schema, which refuses undefined.
    return undefined;
  }
}
