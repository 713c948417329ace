import { AppError } from '../../../shared/lib/app-error.ts';
import type { BackupSettings, CopySettings } from '../../../shared/model/settings.ts';
import { CopyStates } from '../../backup/copies/copy-states.ts';
import type { CopyState } from '../../backup/copies/copy-states.ts';
import type { HealOutcome } from '../../backup/copies/heal-vault.ts';
import type { CopyOutcome } from '../../backup/copies/run-copy.ts';
import type { RunOptions } from '../../backup/services.ts';
import type { OpenedVault } from '../../vault/open-vault.ts';
import { copyOnce } from './copy-once.ts';

export type CopiesParts = Readonly<{
  home: string;
  now: () => number;
  settings: () => Promise<BackupSettings>;
  /** The vault of this home. */
  vault: () => Promise<OpenedVault>;
  /** Opens a copy with the keys of this home, or with those of the vault. */
  open: (location: string, keysOf?: OpenedVault) => Promise<OpenedVault>;
  /** Throws where this edition does not do what the copy is to be. */
  requireAllowed: (copy: CopySettings) => void;
  /** Is told when what is known of a copy has changed. */
  onChange: () => void;
}>;

export type CopyRun = CopyOutcome & Readonly<{ name: string; healed: HealOutcome | null }>;

type Running = Readonly<{ cancel: AbortController; ended: Promise<unknown> }>;

/** How soon a place has to answer before another one is read instead, in ms. */
const answerMs = 10_000;

/** The copies of the vault of a home: one run at a time for each, and what is read from them. */
export class VaultCopies implements AsyncDisposable {
  readonly states: CopyStates;
  readonly #parts: CopiesParts;
  readonly #running = new Map<string, Running>();
  readonly #opened = new Map<string, Promise<OpenedVault>>();

  constructor(parts: CopiesParts) {
    this.#parts = parts;
    this.states = new CopyStates(parts.home, parts.now);
  }

  /** Names of copies that are being written now. */
  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** The settings of a copy; `not-found` by its name. */
  async find(name: string): Promise<CopySettings> {
    const { copies } = await this.#parts.settings();
    const found = Object.hasOwn(copies, name) ? copies[name] : undefined;
    if (found !== undefined) return found;
    const names = Object.keys(copies);
    const known = names.length === 0 ? 'Make one with copies add.' : `There are ${names.join(', ')}.`;
    throw new AppError('not-found', `There is no copy ${name}. ${known}`);
  }

  /**
   * Brings one copy up to the vault, and heals the vault from it where it is damaged. `busy` while the copy is being written. How it ended
   * is remembered either way.
   */
  async run(name: string, asked: Readonly<{ confirmed: boolean }>, options: RunOptions): Promise<CopyRun> {
    const copy = await this.find(name);
    this.#parts.requireAllowed(copy);
    if (this.#running.has(name))
      throw new AppError('busy', `The copy ${name} is being written: wait for it to end.`);
    const cancel = new AbortController();
    const signal = AbortSignal.any([options.signal, cancel.signal]);
    const run = this.#runOnce({ name, copy, confirmed: asked.confirmed }, { ...options, signal });
    this.#running.set(name, { cancel, ended: run.catch(() => undefined) });
    try {
      return await run;
    } finally {
      this.#running.delete(name);
      this.#parts.onChange();
    }
  }

  /** Ends a run of this copy, of whatever it waits; what it has done stays done. */
  async interrupt(name: string): Promise<void> {
    const running = this.#running.get(name);
    running?.cancel.abort(new AppError('cancelled', `Copying to ${name} gave way and goes on later.`));
    await running?.ended;
  }

  /** Opens a copy for reading, once. */
  async open(name: string): Promise<OpenedVault> {
    const { location } = await this.find(name);
    const key = `${name} ${location}`;
    const opening = this.#opened.get(key) ?? this.#parts.open(location);
    this.#opened.set(key, opening);
    try {
      const vault = await opening;
      await requireAnswer(vault);
      return vault;
    } catch (error) {
      if (this.#opened.get(key) === opening) this.#opened.delete(key);
      throw error;
    }
  }

  /** The vault if it answers, else the first copy that does; throws why the vault cannot be read where there is none. */
  async readable(): Promise<Readonly<{ vault: OpenedVault; from: string | null }>> {
    try {
      const vault = await this.#parts.vault();
      await requireAnswer(vault);
      return { vault, from: null };
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'unavailable') throw error;
      const copy = await this.#firstReadable();
      if (copy === undefined) throw error;
      return copy;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.running.map(async (name) => await this.interrupt(name)));
    const opened = await Promise.allSettled(this.#opened.values());
    this.#opened.clear();
    for (const each of opened) if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
  }

  async #firstReadable(): Promise<Readonly<{ vault: OpenedVault; from: string }> | undefined> {
    const { copies } = await this.#parts.settings();
    for (const name of Object.keys(copies)) {
      try {
        return { vault: await this.open(name), from: name };
      } catch (error) {
        // The next one may answer; when none does, what is told is why the vault itself does not.
        if (!(error instanceof AppError)) throw error;
      }
    }
    return undefined;
  }

  async #runOnce(
    { name, copy, confirmed }: Readonly<{ name: string; copy: CopySettings; confirmed: boolean }>,
    options: RunOptions,
  ): Promise<CopyRun> {
    const { location } = copy;
    const { now } = this.#parts;
    const state = await this.states.of(name, location);
    try {
      const parts = this.#parts;
      const { outcome, healed, collectedMs } = await copyOnce({ copy, state, confirmed, parts }, options);
      const { settled, backups, packs, bytes, problems } = outcome;
      await this.states.change(name, location, ({ problem: _before, ...before }) => ({
        ...before,
        settled: [...settled],
        backups,
        packs,
        bytes,
        ...(collectedMs === undefined ? {} : { collectedMs }),
        ...endOf(problems, now()),
      }));
      return { name, ...outcome, healed };
    } catch (error) {
      if (error instanceof AppError && error.kind !== 'cancelled')
        await this.#rememberFailure(name, location, error);
      throw error;
    }
  }

  async #rememberFailure(name: string, location: string, { kind, message }: AppError): Promise<void> {
    const atMs = this.#parts.now();
    await this.states.change(name, location, (before) => ({
      ...before,
      failures: before.failures + 1,
      problem: { atMs, kind, message },
    }));
  }
}

function endOf(
  [first]: readonly string[],
  atMs: number,
): Pick<CopyState, 'copiedMs' | 'failures' | 'problem'> {
  if (first === undefined) return { copiedMs: atMs, failures: 0 };
  return { failures: 0, problem: { atMs, kind: 'incomplete', message: first } };
}

/** `unavailable` soon, where a dead share would be waited for much longer. */
async function requireAnswer({ storage }: OpenedVault): Promise<void> {
  try {
    await storage.stat('vault.json', { signal: AbortSignal.timeout(answerMs) });
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'cancelled') throw error;
    throw new AppError(
      'unavailable',
      `The place ${storage.location} does not answer. Check its disk or network.`,
      {
        cause: error,
      },
    );
  }
}
