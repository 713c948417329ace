import { readIfThere, writeFileAtomic } from '../../platform/atomic-file.ts';
import { type ScheduleState, scheduleState } from './schedule-state.ts';
import { planAfterSuccess } from './schedule-plan.ts';

/** Where the state lies, as text; undefined where there is none. */
export type ScheduleFile = Readonly<{
  read: () => Promise<string | undefined>;
  write: (text: string) => Promise<void>;
}>;

/**
 * The schedule of a home: what is known of it now, and soon after in its file. A file that is lost or damaged costs one backup that
 * comes early; one that cannot be written, one after the next start.
 */
export class ScheduleStore {
  readonly #file: ScheduleFile;
  #state: ScheduleState;
  #writing: Promise<void> | undefined;
  #isChanged = false;

  private constructor(file: ScheduleFile, state: ScheduleState) {
    this.#file = file;
    this.#state = state;
  }

  static async open(file: ScheduleFile): Promise<ScheduleStore> {
    return new ScheduleStore(file, parse(await file.read()));
  }

  get state(): ScheduleState {
    return this.#state;
  }

  update(change: Partial<Omit<ScheduleState, 'version'>>): void {
    this.#state = { ...this.#state, ...change };
    this.#isChanged = true;
    this.#writing ??= this.#write();
  }

  /** A whole, good backup began at `startedMs`, whatever asked for it. A run that is planned moves with it. */
  noteSuccess(startedMs: number, nowMs: number, intervalMs: number): void {
    const plan =
      this.#state.plan === undefined ? {} : { plan: planAfterSuccess(startedMs, nowMs, intervalMs) };
    this.update({ lastSuccessMs: startedMs, failures: 0, ...plan });
  }

  /** Resolves when all that was changed until now has been written, or could not be. */
  async saved(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#isChanged) {
      this.#isChanged = false;
      try {
        await this.#file.write(`${JSON.stringify(this.#state)}\n`);
      } catch {
        // A full or read-only home: what is known in memory goes on to count, and the next change is written again.
      }
    }
    this.#writing = undefined;
  }
}

/** The file of a home. */
export function scheduleFile(path: string): ScheduleFile {
  return {
    read: async () => (await readIfThere(path))?.toString(),
    write: async (text) => await writeFileAtomic(path, [Buffer.from(text)]),
  };
}

function parse(text: string | undefined): ScheduleState {
  const nothing: ScheduleState = { version: 1, failures: 0 };
  if (text === undefined) return nothing;
  try {
    return scheduleState.parse(JSON.parse(text));
  } catch {
    // Damaged: as if it were lost.
    return nothing;
  }
}
