import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { backupId } from '../../../shared/model/backup-id.ts';
import { momentMs } from '../../../shared/model/moment.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';

const count = z.number().int().nonnegative();

const copyState = z.strictObject({
  /** Another place under the same name is another copy. */
  location: z.string(),
  addedMs: momentMs,
  /** When it was last brought up to the vault, with nothing left out. */
  copiedMs: momentMs.optional(),
  /** Why the last try left something out or failed. */
  problem: z.strictObject({ atMs: momentMs, kind: z.string(), message: z.string() }).optional(),
  failures: count,
  collectedMs: momentMs.optional(),
  /** As `CopyOutcome`. */
  settled: z.array(backupId),
  backups: count,
  packs: count,
  bytes: count,
});

/** What is remembered of a copy. Times in ms since 1970. */
export type CopyState = Readonly<z.infer<typeof copyState>>;

const stateFile = z.strictObject({ version: z.literal(1), copies: z.record(z.string(), copyState) });

/**
 * What this home remembers of its copies. Without the file each copy counts as one that holds nothing until it was looked at again: what
 * it may lack is kept meanwhile.
 */
export class CopyStates {
  readonly #file: string;
  readonly #now: () => number;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(home: string, now: () => number) {
    this.#file = path.join(home, 'copies.json');
    this.#now = now;
  }

  async of(name: string, location: string): Promise<CopyState> {
    const known = (await this.#read())[name];
    return known?.location === location ? known : this.#new(location);
  }

  /** Changes what is remembered of one copy; changes asked for at once come one after the other. */
  async change(name: string, location: string, apply: (state: CopyState) => CopyState): Promise<CopyState> {
    return await this.#inTurn(async (copies) => {
      const known = copies[name];
      const changed = apply(known?.location === location ? known : this.#new(location));
      return { copies: { ...copies, [name]: changed }, result: changed };
    });
  }

  async forget(name: string): Promise<void> {
    await this.#inTurn(async (copies) => {
      const others = Object.entries(copies).filter(([key]) => key !== name);
      return { copies: Object.fromEntries(others), result: undefined };
    });
  }

  #new(location: string): CopyState {
    return { location, addedMs: this.#now(), failures: 0, settled: [], backups: 0, packs: 0, bytes: 0 };
  }

  async #inTurn<Result>(
    run: (
      copies: Readonly<Record<string, CopyState>>,
    ) => Promise<Readonly<{ copies: Record<string, CopyState>; result: Result }>>,
  ): Promise<Result> {
    const turn = this.#writing.then(async () => {
      const { copies, result } = await run(await this.#read());
      await writeFileAtomic(this.#file, [Buffer.from(`${JSON.stringify({ version: 1, copies })}\n`)]);
      return result;
    });
    // The next change must not fail because this one did.
    this.#writing = turn.catch(() => undefined);
    return await turn;
  }

  async #read(): Promise<Readonly<Record<string, CopyState>>> {
    try {
      const parsed = stateFile.safeParse(JSON.parse(await readFile(this.#file, 'utf8')));
      return parsed.success ? parsed.data.copies : {};
    } catch (error) {
      // It is remembered anew by the next run.
      if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return {};
      throw error;
    }
  }
}
