import { readFile, rename } from 'node:fs/promises';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import type { HomeSettings } from '../../../shared/model/settings.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';
import { checkedSettings, defaultSettings, parseSettings } from './settings-text.ts';

const stay = 'the settings of before stay in effect';

type Read = Readonly<{ settings: HomeSettings; problem?: string }>;
type Known = Readonly<{ settings: HomeSettings; text: string | undefined }>;

/**
 * The settings of a home: one JSON file, written whole, that people edit too. While it cannot be read the settings of before stay in
 * effect, also of an earlier process: a slip of the hand must not make an install and its vault unknown. What gives way to a change is
 * kept under a name of its own, never overwritten. A file of a newer version is refused.
 */
export class SettingsStore {
  readonly #file: string;
  /** A second copy of what was last in effect. */
  readonly #goodFile: string;
  readonly #setAsideAs: () => string;
  readonly #listeners = new Set<() => void>();
  #known: Known | undefined;
  /** What this process wrote last. */
  #written: string | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(file: string, now: () => number = Date.now) {
    this.#file = file;
    this.#goodFile = `${file}.good`;
    this.#setAsideAs = () => `${file}.unreadable-${new Date(now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  }

  /** The settings in effect, and a sentence when the file is not what they are of. */
  async read(): Promise<Read> {
    const text = await textOf(this.#file);
    const known = this.#known;
    if (known !== undefined && known.text === text) return { settings: known.settings };
    return known === undefined ? await this.#readFirst(text) : await this.#readAgain(text, known.settings);
  }

  /** Whether what is in effect was written by `change`, not by a person. */
  get isOwn(): boolean {
    return this.#known !== undefined && this.#known.text === this.#written;
  }

  /**
   * Applies a change to what is in effect now; changes asked for at once come one after the other. Returns what was
   * stored.
   */
  async change(apply: (settings: HomeSettings) => unknown): Promise<HomeSettings> {
    const turn = this.#writing.then(async () => {
      const { settings } = await this.read();
      const changed = checkedSettings(apply(settings));
      await this.#makeRoom();
      const text = `${JSON.stringify(changed, undefined, 2)}\n`;
      await writeFileAtomic(this.#file, [Buffer.from(text)]);
      this.#known = { settings: changed, text };
      this.#written = text;
      await this.#keepGood(text);
      return changed;
    });
    // The next change must not fail because this one did.
    this.#writing = turn.catch(() => undefined);
    const stored = await turn;
    for (const listener of this.#listeners) listener();
    return stored;
  }

  /** Calls after each change, until it is disposed. */
  onChange(listener: () => void): Disposable {
    const own = (): void => listener();
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  async #readFirst(text: string | undefined): Promise<Read> {
    if (text === undefined) {
      this.#known = { settings: defaultSettings(), text };
      return { settings: this.#known.settings };
    }
    const parsed = parseSettings(text);
    if (parsed.kind === 'newer') throw this.#newer();
    if (parsed.kind === 'good') return { settings: await this.#take(parsed.settings, text) };
    const good = await this.#good();
    if (good !== undefined) {
      this.#known = { settings: good, text: undefined };
      return { settings: good, problem: this.#unreadable(parsed.problem) };
    }
    const aside = this.#setAsideAs();
    await rename(this.#file, aside);
    this.#known = { settings: defaultSettings(), text: undefined };
    const problem = `The settings could not be read and defaults are used: ${parsed.problem} The old file is kept as ${aside}.`;
    return { settings: this.#known.settings, problem };
  }

  /** A person saves the file in steps, mistypes, or takes it away: what was in effect stays so meanwhile. */
  async #readAgain(text: string | undefined, before: HomeSettings): Promise<Read> {
    if (text === undefined) {
      return { settings: before, problem: `The settings file ${this.#file} is gone: ${stay}.` };
    }
    const parsed = parseSettings(text);
    if (parsed.kind === 'good') return { settings: await this.#take(parsed.settings, text) };
    const problem =
      parsed.kind === 'newer'
        ? `The settings in ${this.#file} are of a newer version: ${stay}.`
        : this.#unreadable(parsed.problem);
    return { settings: before, problem };
  }

  async #take(settings: HomeSettings, text: string): Promise<HomeSettings> {
    this.#known = { settings, text };
    await this.#keepGood(text);
    return settings;
  }

  async #good(): Promise<HomeSettings | undefined> {
    const text = await textOf(this.#goodFile);
    const parsed = text === undefined ? undefined : parseSettings(text);
    return parsed?.kind === 'good' ? parsed.settings : undefined;
  }

  async #keepGood(text: string): Promise<void> {
    try {
      if ((await textOf(this.#goodFile)) === text) return;
      await writeFileAtomic(this.#goodFile, [Buffer.from(text)]);
    } catch {
      // A home that is full or read-only still has its settings: looking and restoring must go on without the second copy.
    }
  }

  #unreadable(problem: string): string {
    return `The settings in ${this.#file} cannot be read, ${stay}: ${problem} Mend the file, or change a setting to write it anew.`;
  }

  /** What stands in the file and is not in effect gives way, but is kept. */
  async #makeRoom(): Promise<void> {
    const text = await textOf(this.#file);
    if (text === undefined || text === this.#known?.text) return;
    const { kind } = parseSettings(text);
    if (kind === 'newer') throw this.#newer();
    if (kind === 'unreadable') await rename(this.#file, this.#setAsideAs());
  }

  #newer(): AppError {
    return new AppError(
      'refused',
      `The settings in ${this.#file} are of a newer version: update this program first.`,
    );
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new AppError('failed', `The settings in ${file} cannot be read: check its owner and mode.`, {
      cause: error,
    });
  }
}
