import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { readIfThere } from '../../platform/atomic-file.ts';
import { listOwnedFiles, OwnedFile } from '../../platform/owned-file.ts';
import { parseCheckedJson, renderCheckedJson } from '../../vault/format/checked-json.ts';
import { journalsFolder } from '../restore/swap/journal.ts';

/** A database of ours on a server: by its name alone it can be nobody else's. */
const leftDatabase = z.strictObject({
  host: z.string().max(4096),
  container: z.string().max(255),
  port: z.number().int().positive(),
  user: z.string().max(255),
  name: z.string().regex(/^trinity_drill_[0-9a-f]{12}$/),
});

/** An agent that was given back to Trinity for a restore which did not come about. */
const leftAgent = z.strictObject({
  /** Address of the engine, and the checkout with the `.env` that lets us in. */
  host: z.string().max(4096),
  folder: z.string().startsWith('/').max(4096),
  name: z.string().min(1).max(255),
});

const leftoverModel = z.object({
  format: z.literal(1),
  databases: z.array(leftDatabase).default([]),
  agents: z.array(leftAgent).default([]),
});

export type LeftDatabase = Readonly<z.infer<typeof leftDatabase>>;
export type LeftAgent = Readonly<z.infer<typeof leftAgent>>;
export type Leftovers = Readonly<z.infer<typeof leftoverModel>>;

const fileName = /^leftovers-[0-9a-f]{12}\.json$/u;

/**
 * What has to go again outside of all folders, named on the disk before it is made. Its owner holds it while it lives; what a dead one
 * left is cleared by the next start (`clearLeftovers`).
 */
export class LeftoverJournal implements AsyncDisposable {
  readonly #file: OwnedFile;
  readonly content: Leftovers;

  private constructor(file: OwnedFile, content: Leftovers) {
    this.#file = file;
    this.content = content;
  }

  /** `id` is 12 hexadecimal digits. Durable when it resolves. */
  static async begin(
    home: string,
    id: string,
    named: Partial<Omit<Leftovers, 'format'>>,
  ): Promise<LeftoverJournal> {
    const content = leftoverModel.parse({ format: 1, ...named });
    const file = path.join(journalsFolder(home), `leftovers-${id}.json`);
    const owned = await OwnedFile.begin(file, renderCheckedJson(content));
    if (owned === undefined) throw new AppError('busy', 'Leftovers are being cleared away. Try again.');
    return new LeftoverJournal(owned, content);
  }

  /** Undefined while its owner lives, or when it is gone. `damaged` when it cannot be read. */
  static async takeOver(home: string, name: string): Promise<LeftoverJournal | undefined> {
    const taken = await OwnedFile.takeOver(path.join(journalsFolder(home), name), readLeftovers);
    return taken === undefined ? undefined : new LeftoverJournal(taken.owned, taken.content);
  }

  /** Nothing of it is left. */
  async remove(): Promise<void> {
    await this.#file.remove();
  }

  /** Leaves it for the next who clears. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

export async function listLeftovers(home: string): Promise<readonly string[]> {
  return await listOwnedFiles(journalsFolder(home), fileName);
}

async function readLeftovers(file: string): Promise<Leftovers | undefined> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return undefined;
  const parsed = leftoverModel.safeParse(parseCheckedJson(bytes));
  if (parsed.success) return parsed.data;
  const message = `The list of leftovers, ${file}, is not what this version can read. Keep it and ask for help.`;
  throw new AppError('damaged', message);
}
