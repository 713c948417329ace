import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { AppError, hasCode } from '../../../shared/lib/app-error.ts';
import { backupSettings, type HomeSettings, homeSettings } from '../../../shared/model/settings.ts';
import { writeFileAtomic } from '../../platform/atomic-file.ts';
import { settingProblem } from './setting-problem.ts';

const versionOnly = z.looseObject({ version: z.number().int() });

/**
 * The settings of a home: one JSON file, written whole. What cannot be read is set aside under a name of its own, never
 * overwritten, and the defaults are used; a file of a newer version is refused.
 */
export class SettingsStore {
  readonly #file: string;
  readonly #setAsideAs: () => string;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(file: string, now: () => number = Date.now) {
    this.#file = file;
    this.#setAsideAs = () => `${file}.unreadable-${new Date(now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  }

  /** The settings, and a sentence when an unreadable file was set aside. */
  async read(): Promise<Readonly<{ settings: HomeSettings; problem?: string }>> {
    const text = await this.#text();
    if (text === undefined) return { settings: homeSettings.parse({ version: 1 }) };
    const parsed = parseJson(text);
    const version = versionOnly.safeParse(parsed);
    if (version.success && version.data.version > 1) {
      throw new AppError(
        'refused',
        `The settings in ${this.#file} are of a newer version: update this program first.`,
      );
    }
    const settings = homeSettings.safeParse(parsed);
    if (settings.success) return { settings: settings.data };
    const aside = this.#setAsideAs();
    await rename(this.#file, aside);
    return {
      settings: homeSettings.parse({ version: 1 }),
      problem: `The settings could not be read and defaults are used; the old file is kept as ${aside}.`,
    };
  }

  /**
   * Applies a change to what is stored now; changes asked for at once come one after the other. Returns what was
   * stored.
   */
  async change(apply: (settings: HomeSettings) => unknown): Promise<HomeSettings> {
    const turn = this.#writing.then(async () => {
      const { settings } = await this.read();
      const changed = checked(apply(settings));
      await writeFileAtomic(this.#file, [Buffer.from(`${JSON.stringify(changed, undefined, 2)}\n`)]);
      return changed;
    });
    // The next change must not fail because this one did.
    this.#writing = turn.catch(() => undefined);
    return await turn;
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
