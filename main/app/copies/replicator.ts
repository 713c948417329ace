import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Engine } from '../engine.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Whatever starts with the machine goes first. */
const firstLookMs = minuteMs;
/** After the first, second, third failure in a row; from then on every hour. */
const retryMs = [minuteMs, 5 * minuteMs, 15 * minuteMs] as const;
/** Each holds some packs in memory. */
const mostAtOnce = 2;

export type ReplicatorParts = Readonly<{
  engine: Pick<Engine, 'events' | 'settings' | 'writing'>;
  /** Brings the copy of this name up to the vault. */
  copy: (name: string, signal: AbortSignal) => Promise<unknown>;
  clock: Clock;
  /** Is told what went wrong where nobody asked. */
  onProblem: (message: string) => void;
}>;

type Waiting = Readonly<{ failures: number; notBeforeMs: number }>;

/**
 * Brings the copies of the vault up to it whenever the vault has changed: once what changes it has ended, each copy as a job of its own that
 * nobody waits for. A copy that is away or busy is tried again, ever more rarely. A restore ends them all; they go on after it. While no copy
 * lacks anything it does nothing and has no timer.
 */
export class Replicator implements AsyncDisposable {
  readonly #parts: ReplicatorParts;
  readonly #subscriptions = new DisposableStack();
  /** Copies that may lack something. */
  readonly #due = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Map<string, Readonly<{ cancel: AbortController; ended: Promise<void> }>>();
  #isAllDue = true;
  #looking: Promise<void> = Promise.resolve();
  #timer: Disposable | undefined;
  #isStopped = false;
  #isResting = false;

  constructor(parts: ReplicatorParts) {
    this.#parts = parts;
  }

  start(): void {
    const { events } = this.#parts.engine;
    this.#wakeIn(firstLookMs);
    const copyAll = (): void => {
      this.#isAllDue = true;
      this.#look();
    };
    // What is replayed is of a time before this one: the first look sees to it.
    let isReplay = true;
    this.#subscriptions.use(
      events.subscribe(({ name, event }) => {
        if (isReplay) return;
        if (name === 'vaultChanged') copyAll();
        if (name === 'settingsChanged' && 'names' in event && event.names.includes('copies')) copyAll();
        if (name === 'runStarted' && 'what' in event && event.what === 'restore') this.#giveWay();
      }),
    );
    isReplay = false;
  }

  /** Copying gives way until `wake`. */
  rest(): void {
    this.#isResting = true;
    this.#giveWay();
  }

  /** Goes on, and looks anew at what is due: the machine woke up. */
  wake(): void {
    this.#isResting = false;
    this.#look();
  }

  /** Resolves when nothing is copied, or about to be. */
  async idle(): Promise<void> {
    await this.#looking;
    while (this.#running.size > 0) {
      await Promise.all([...this.#running.values()].map(async ({ ended }) => await ended));
      await this.#looking;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#subscriptions.dispose();
    this.#timer?.[Symbol.dispose]();
    this.#giveWay();
    await this.idle();
  }

  #giveWay(): void {
    for (const { cancel } of this.#running.values()) cancel.abort(givesWay());
  }

  #wakeIn(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#isStopped) return;
    this.#timer = this.#parts.clock.after(Math.min(Math.max(ms, minuteMs), hourMs), () => this.#look());
  }

  /** One look after the other: each sees what the one before it has begun. */
  #look(): void {
    this.#looking = this.#lookAfter(this.#looking);
  }

  /** Never rejects. */
  async #lookAfter(before: Promise<void>): Promise<void> {
    await before;
    if (this.#isStopped) return;
    try {
      await this.#beginDue();
    } catch (error) {
      this.#parts.onProblem(messageOf(error));
      this.#wakeIn(hourMs);
    }
  }

  async #beginDue(): Promise<void> {
    const { engine, clock } = this.#parts;
    const { settings } = await engine.settings.read();
    const names = Object.entries(settings.backup.copies).flatMap(([name, { enabled }]) =>
      enabled ? [name] : [],
    );
    if (this.#isAllDue) names.forEach((name) => this.#due.add(name));
    this.#isAllDue = false;
    for (const name of [...this.#due].filter((each) => !names.includes(each))) this.#due.delete(name);
    // Its end wakes us again.
    if (engine.writing !== undefined || this.#isResting) return;
    let nextMs = Infinity;
    for (const name of [...this.#due].filter((each) => !this.#running.has(each))) {
      const waitMs = (this.#waiting.get(name)?.notBeforeMs ?? 0) - clock.elapsed();
      if (waitMs > 0) nextMs = Math.min(nextMs, waitMs);
      else if (this.#running.size < mostAtOnce) this.#begin(name);
    }
    if (nextMs < Infinity) this.#wakeIn(nextMs);
  }

  #begin(name: string): void {
    // What changes from now on makes it due once more.
    this.#due.delete(name);
    const cancel = new AbortController();
    const ended = this.#copy(name, cancel.signal).finally(() => {
      this.#running.delete(name);
      this.#look();
    });
    this.#running.set(name, { cancel, ended });
  }

  /** Never rejects. */
  async #copy(name: string, signal: AbortSignal): Promise<void> {
    const { copy, onProblem } = this.#parts;
    try {
      await copy(name, signal);
      this.#waiting.delete(name);
    } catch (error) {
      // How it failed is in the history, and remembered with the copy.
      if (!(error instanceof AppError)) onProblem(messageOf(error));
      this.#due.add(name);
      if (!signal.aborted) this.#putOff(name);
    }
  }

  #putOff(name: string): void {
    const failures = (this.#waiting.get(name)?.failures ?? 0) + 1;
    const waitMs = retryMs[failures - 1] ?? hourMs;
    this.#waiting.set(name, { failures, notBeforeMs: this.#parts.clock.elapsed() + waitMs });
  }
}

function givesWay(): AppError {
  return new AppError('cancelled', 'Copying gave way and goes on later.');
}
