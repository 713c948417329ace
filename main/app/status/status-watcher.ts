import type { AppEvent } from '../../../shared/model/events.ts';
import type { Judgement } from '../../../shared/model/status.ts';
import { type Clock, longestTimerMs } from '../../platform/clock.ts';
import type { EventBus } from '../events/event-bus.ts';
import { errorFields, type Logger } from '../logs/logger.ts';
import type { StatusFacts } from './facts.ts';
import { judge } from './judge.ts';
import { nextChangeMs } from './next-change.ts';

/** What may change the state. Progress is told to pages as it is. */
const causes: ReadonlySet<AppEvent['name']> = new Set([
  'runStarted',
  'runFinished',
  'settingsChanged',
  'vaultChanged',
  'scheduleChanged',
  'copiesChanged',
  'activityRecorded',
]);

const soonMs = 1000;
const shortestMs = 60_000;
/** A disk that was unmounted or an engine that was stopped tells nobody: they are looked at so often. */
const lookMs = 3_600_000;

export type Judged = Readonly<{ facts: StatusFacts; judgement: Judgement }>;

export type StatusWatcherParts = Readonly<{
  clock: Clock;
  events: EventBus;
  gather: () => Promise<StatusFacts>;
  logger: Logger;
}>;

/**
 * Keeps the state of the home: judges anew when something has happened, when time alone changes the state, and once an hour. Says so by
 * `statusChanged`.
 */
export class StatusWatcher implements AsyncDisposable {
  readonly #parts: StatusWatcherParts;
  #judged: Judged | undefined;
  #told = '';
  #subscription: Disposable | undefined;
  #timer: Disposable | undefined;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;
  #seenStep = '';
  #isEnded = false;

  constructor(parts: StatusWatcherParts) {
    this.#parts = parts;
  }

  /** The last judgement; undefined until the first was made. */
  get current(): Judged | undefined {
    return this.#judged;
  }

  start(): void {
    this.#subscription = this.#parts.events.subscribe((told) => {
      if (causes.has(told.name) || this.#isNewStep(told)) this.#wakeIn(soonMs);
    });
    this.#wakeIn(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    this.#subscription?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    await this.#looking;
  }

  /** Judges anew now; those who ask meanwhile are answered by one more look. */
  async look(): Promise<void> {
    if (this.#looking !== undefined) {
      this.#isAskedAgain = true;
      await this.#looking;
      return;
    }
    this.#looking = this.#lookUntilQuiet();
    await this.#looking;
  }

  async #lookUntilQuiet(): Promise<void> {
    try {
      do {
        this.#isAskedAgain = false;
        await this.#lookOnce();
      } while (this.#isAskedAgain && !this.#isEnded);
    } finally {
      this.#looking = undefined;
      this.#wakeIn(this.#sleepMs());
    }
  }

  async #lookOnce(): Promise<void> {
    try {
      const facts = await this.#parts.gather();
      this.#judged = { facts, judgement: judge(facts) };
    } catch (error) {
      // Unforeseen, or the disk of the home itself: the last judgement holds, and the next look is in an hour.
      this.#parts.logger.error(errorFields(error), 'state not judged');
      return;
    }
    this.#tell(this.#judged.judgement);
  }

  #tell({ state, sentence, causes: found }: Judgement): void {
    const now = JSON.stringify([state, sentence, found]);
    if (now === this.#told || this.#isEnded) return;
    this.#told = now;
    this.#parts.events.emit('statusChanged', { state, sentence });
  }

  /** Progress says often, and mostly anew, in which step a run is. */
  #isNewStep({ name, event }: AppEvent): boolean {
    if (name !== 'runProgress' || event.step === undefined) return false;
    const step = `${event.runId} ${String(event.step.number)}`;
    const isNew = step !== this.#seenStep;
    this.#seenStep = step;
    return isNew;
  }

  #sleepMs(): number {
    const next = this.#judged === undefined ? undefined : nextChangeMs(this.#judged.facts);
    const untilNext = next === undefined ? lookMs : next - this.#parts.clock.now();
    return Math.min(lookMs, longestTimerMs, Math.max(shortestMs, untilNext));
  }

  #wakeIn(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isEnded) return;
    this.#timer = this.#parts.clock.after(ms, () => void this.look());
  }
}
