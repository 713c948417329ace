import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { hasCode } from '../../../shared/lib/app-error.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';

const upkeepState = z.strictObject({
  format: z.literal(1),
  /** The vault that the rest is about. */
  vaultId: z.string().max(64),
  /** Which part of all data the next sample reads. */
  nextSamplePart: z.number().int().nonnegative(),
  /** The last pack of that part which was read before the sample was cut off. */
  sampleAfter: z.string().max(64).optional(),
  /** When the last sample was read to its end, ms since 1970. */
  lastSampleMs: z.number().int().optional(),
  /** When somebody last typed a recovery key that opened the vault, ms since 1970. */
  kitProvenMs: z.number().int().optional(),
  /** When a key was last given here and opened the vault, by its id; ms since 1970. */
  keysUsedMs: z.record(z.string().max(64), z.number().int()).optional(),
  /** Backups in which the last checks found damage. */
  damagedBackups: z.array(z.string().max(64)).optional(),
});

export type UpkeepState = Readonly<Omit<z.infer<typeof upkeepState>, 'format'>>;

/**
 * What the upkeep of one vault remembers in the home. Losing it costs a part of the rotation that is read twice and a recovery key that
 * is asked for early, so a file that cannot be read counts as none.
 */
export class UpkeepStore {
  readonly #file: string;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  async read(vaultId: string): Promise<UpkeepState> {
    const stored = upkeepState.safeParse(parseJson(await this.#text()));
    if (!stored.success || stored.data.vaultId !== vaultId) return { vaultId, nextSamplePart: 0 };
    const { format: _format, ...state } = stored.data;
    return state;
  }

  /** Changes asked for at once come one after the other. */
  async change(vaultId: string, apply: (state: UpkeepState) => UpkeepState): Promise<void> {
    const turn = this.#changeAfter(this.#writing, vaultId, apply);
    // The next change must not fail because this one did.
    this.#writing = turn.catch(() => undefined);
    await turn;
  }

  async #changeAfter(
    before: Promise<unknown>,
    vaultId: string,
    apply: (state: UpkeepState) => UpkeepState,
  ): Promise<void> {
    await before;
    const changed = { format: 1, ...apply(await this.read(vaultId)) };
    await writeFileAtomic(this.#file, [Buffer.from(`${JSON.stringify(changed)}\n`)]);
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return '';
      throw error;
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
