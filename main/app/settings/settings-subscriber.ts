import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../shared/lib/app-error.ts';
import type { HomeSettings } from '../../../shared/model/settings.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Engine } from '../engine.ts';
import { changedNames } from './changed-names.ts';
import { setUp } from './set-up.ts';
import { checkVault } from './use-vault.ts';

/** Takes on settings that have changed; what reads its settings at each use needs none. */
export type SettingsListener = (settings: HomeSettings) => void;

type SubscriberParts = Readonly<{
  engine: Engine;
  clock: Clock;
  listeners: readonly SettingsListener[];
  /** Is told what could not be taken on, and why. */
  onProblem: (message: string) => void;
}>;

/** People's editors write in several steps. */
const quietMs = 1000;

/**
 * Applies changed settings to the running application, whether they came by a command, a page, or an editor. Changes are taken on one
 * after the other, each time as the file is by then, so the last one counts.
 */
export class SettingsSubscriber implements AsyncDisposable {
  readonly #parts: SubscriberParts;
  readonly #subscription: Disposable;
  readonly #watcher: FSWatcher | undefined;
  #seen: HomeSettings;
  #told: string | undefined;
  #timer: Disposable | undefined;
  #turn: Promise<void> = Promise.resolve();

  private constructor(parts: SubscriberParts, seen: HomeSettings) {
    this.#parts = parts;
    this.#seen = seen;
    this.#subscription = parts.engine.settings.onChange(() => void this.check());
    this.#watcher = this.#watch();
  }

  static async start(parts: SubscriberParts): Promise<SettingsSubscriber> {
    const { settings } = await parts.engine.settings.read();
    return new SettingsSubscriber(parts, settings);
  }

  /** Looks at the settings now, and resolves when what has changed is taken on. */
  async check(): Promise<void> {
    this.#turn = this.#applyAfter(this.#turn);
    await this.#turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription[Symbol.dispose]();
    this.#watcher?.close();
    this.#timer?.[Symbol.dispose]();
    await this.#turn;
  }

  async #applyAfter(before: Promise<void>): Promise<void> {
    await before;
    try {
      await this.#apply();
    } catch (error) {
      this.#tell(messageOf(error));
    }
  }

  async #apply(): Promise<void> {
    const { engine, listeners } = this.#parts;
    const { settings, problem } = await engine.settings.read();
    if (problem !== undefined) this.#tell(problem);
    else this.#told = undefined;
    const now = engine.settings.isOwn ? settings : await this.#withCheckedVault(settings);
    const names = changedNames(this.#seen, now);
    if (names.length === 0) return;
    this.#seen = now;
    for (const listener of listeners) listener(now);
    engine.events.emit('settingsChanged', { names: [...names] });
  }

  /** An edited place of the vault counts once it has been opened; until then the place of before does, in the file too. */
  async #withCheckedVault(settings: HomeSettings): Promise<HomeSettings> {
    const { engine } = this.#parts;
    const before = this.#seen.backup;
    const { path: place, vaultId } = settings.backup;
    if (place === before.path && vaultId === before.vaultId) return settings;
    try {
      const id = await checkVault(engine, { path: place, vaultId });
      engine.forgetVault();
      return await engine.settings.change((edited) =>
        setUp(
          { ...edited, backup: { ...edited.backup, path: before.path, vaultId: before.vaultId } },
          place === undefined ? {} : { vault: { path: place, vaultId: id } },
        ),
      );
    } catch (error) {
      this.#tell(`The place of the vault was edited and is not used: ${messageOf(error)}`);
      return await engine.settings.change((edited) => ({
        ...edited,
        backup: { ...edited.backup, path: before.path, vaultId: before.vaultId },
      }));
    }
  }

  /** Once, however often it is looked at. */
  #tell(problem: string): void {
    if (problem === this.#told) return;
    this.#told = problem;
    this.#parts.onProblem(problem);
  }

  /** Sees edits by hand. Where a file system tells nothing of them, they count from the next time the settings are read. */
  #watch(): FSWatcher | undefined {
    const { engine, clock } = this.#parts;
    const name = path.basename(engine.home.settingsFile);
    try {
      const watcher = watch(engine.home.folder, { persistent: false }, (_, changed) => {
        if (changed !== name) return;
        this.#timer?.[Symbol.dispose]();
        this.#timer = clock.after(quietMs, () => void this.check());
      });
      // Its folder is gone: so is everything else.
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch (error) {
      this.#tell(`Edits of ${engine.home.settingsFile} are not seen at once: ${messageOf(error)}`);
      return undefined;
    }
  }
}
