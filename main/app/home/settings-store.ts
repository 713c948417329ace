import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { backupSettings, type HomeSettings, homeSettings } from '../../../shared/model/settings.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';
import { settingProblem } from './setting-problem.ts';

const versionOnly = z.looseObject({ version: z.number().int() });

type Read = Readonly<{ settings: HomeSettings; problem?: string }>;
type Known = Readonly<{ settings: HomeSettings; text: string | undefined }>;
type Parsed = Readonly<{ kind: 'good'; settings: HomeSettings } | { kind: 'newer' | 'unreadable' }>;

/**
 * The settings of a home: one JSON file, written whole, that people edit too. What cannot be read is kept under a name of its own, never
 * overwritten: at the start the defaults are used then, later the settings of before. A file of a newer version is refused.
 */
export class SettingsStore {
  readonly #file: string;
  readonly #setAsideAs: () => string;
  readonly #listeners = new Set<() => void>();
  #known: Known | undefined;
  /** What this process wrote last. */
  #written: string | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(file: string, now: () => number = Date.now) {
    this.#file = file;
    this.#setAsideAs = () => `${file}.unreadable-${new Date(now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  }

  /** The settings in effect, and a sentence when the file is not what they are of. */
  async read(): Promise<Read> {
    const text = await this.#text();
    const known = this.#known;
    if (known !== undefined && known.text === text) return { settings: known.settings };
    return known === undefined ? await this.#readFirst(text) : this.#readAgain(text, known.settings);
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
      const changed = checked(apply(settings));
      await this.#makeRoom();
      const text = `${JSON.stringify(changed, undefined, 2)}\n`;
      await writeFileAtomic(this.#file, [Buffer.from(text)]);
      this.#known = { settings: changed, text };
      this.#written = text;
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
    const parsed = text === undefined ? ({ kind: 'good', settings: defaults() } as const) : parse(text);
    if (parsed.kind === 'newer') throw this.#newer();
    if (parsed.kind === 'good') {
      this.#known = { settings: parsed.settings, text };
      return { settings: parsed.settings };
    }
    const aside = this.#setAsideAs();
    await rename(this.#file, aside);
    this.#known = { settings: defaults(), text: undefined };
    const problem = `The settings could not be read and defaults are used; the old file is kept as ${aside}.`;
    return { settings: this.#known.settings, problem };
  }

  /** A person saves the file in steps, mistypes, or takes it away: what was in effect stays so meanwhile. */
  #readAgain(text: string | undefined, before: HomeSettings): Read {
    const stay = 'the settings of before stay in effect';
    if (text === undefined) {
      return { settings: before, problem: `The settings file ${this.#file} is gone: ${stay}.` };
    }
    const parsed = parse(text);
    if (parsed.kind === 'good') {
      this.#known = { settings: parsed.settings, text };
      return { settings: parsed.settings };
    }
    const problem =
      parsed.kind === 'newer'
        ? `The settings in ${this.#file} are of a newer version: ${stay}.`
        : `The settings in ${this.#file} cannot be read, ${stay}: mend the file, or change a setting to write it anew.`;
    return { settings: before, problem };
  }

  /** What stands in the file and is not in effect gives way, but is kept. */
  async #makeRoom(): Promise<void> {
    const text = await this.#text();
    if (text === undefined || text === this.#known?.text) return;
    const { kind } = parse(text);
    if (kind === 'newer') throw this.#newer();
    if (kind === 'unreadable') await rename(this.#file, this.#setAsideAs());
  }

  #newer(): AppError {
    return new AppError(
      'refused',
      `The settings in ${this.#file} are of a newer version: update this program first.`,
    );
  }

  async #text(): Promise<string | undefined> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw new AppError(
        'failed',
        `The settings in ${this.#file} cannot be read: check its owner and mode.`,
        {
          cause: error,
        },
      );
    }
  }
}

function defaults(): HomeSettings {
  return homeSettings.parse({ version: 1 });
}

function parse(text: string): Parsed {
  const parsed = parseJson(text);
  const version = versionOnly.safeParse(parsed);
  if (version.success && version.data.version > 1) return { kind: 'newer' };
  const settings = homeSettings.safeParse(parsed);
  return settings.success ? { kind: 'good', settings: settings.data } : { kind: 'unreadable' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON at all: judged by the schema, which refuses undefined.
    return undefined;
  }
}

function checked(settings: unknown): HomeSettings {
  const result = homeSettings.safeParse(settings);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw result.error;
  const [first, ...path] = issue.path;
  // Settings are known to people by their names within `backup`.
  const problem =
    first === 'backup'
      ? settingProblem(backupSettings, { ...issue, path })
      : settingProblem(homeSettings, issue);
  throw new AppError('usage', problem);
}
