import type { AppEvent } from '../../../shared/model/events.ts';
import type { Judgement } from '../../../shared/model/status.ts';
import type { AgentsState } from '../../backup/agents-state.ts';
import { type Clock, longestTimerMs } from '../../platform/clock.ts';
import type { EventBus } from '../events/event-bus.ts';
import { errorFields, type Logger } from '../logs/logger.ts';
import type { StatusFacts } from './facts.ts';
import { judge } from './judge.ts';
import { nextChangeMs, nextWordsMs } from './next-change.ts';

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

/** What was gathered; of agents where the vault was open. */
type WatchedFacts = StatusFacts & Readonly<{ memory?: AgentsState | undefined }>;

export type Judged = Readonly<{ facts: WatchedFacts; judgement: Judgement }>;

export type StatusWatcherParts = Readonly<{
  clock: Clock;
  events: EventBus;
  gather: () => Promise<WatchedFacts>;
  logger: Logger;
}>;

/**
 * Keeps the state of the home: judges anew when something has happened, when time alone changes the state, and once an hour. Says so by
 * `statusChanged`, and by `statusAged` where only the words have changed with time.
 */
export class StatusWatcher implements AsyncDisposable {
  readonly #parts: StatusWatcherParts;
  #judged: Judged | undefined;
  #told = '';
  #subscription: Disposable | undefined;
  #timer: Disposable | undefined;
  #wordsTimer: Disposable | undefined;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;
  #seenStep = '';
  /** How many runs have ended, and how many of them the last judgement knows of. */
  #ended = 0;
  #judgedEnded = 0;
  #isEnded = false;

  constructor(parts: StatusWatcherParts) {
    this.#parts = parts;
  }

  /** The last judgement; undefined until the first was made. */
  get current(): Judged | undefined {
    return this.#judged;
  }

  /** A run has ended that the last judgement knows nothing of: it is of before, until `statusChanged` or `statusAged` is told. */
  get isBehind(): boolean {
    return this.#ended !== this.#judgedEnded;
  }

  start(): void {
    this.#subscription = this.#parts.events.subscribe((told) => {
      if (told.name === 'runFinished') this.#ended += 1;
      if (causes.has(told.name) || this.#isNewStep(told)) this.#lookSoon();
    });
    this.#wakeIn(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    this.#subscription?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#wordsTimer?.[Symbol.dispose]();
    await this.#looking;
  }

  /** What happens while facts are gathered may not be among them. */
  #lookSoon(): void {
    if (this.#looking === undefined) this.#wakeIn(soonMs);
    else this.#isAskedAgain = true;
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
    const ended = this.#ended;
    const isJudged = await this.#judgeAnew();
    const wasBehind = ended !== this.#judgedEnded;
    this.#judgedEnded = ended;
    const isTold = isJudged && this.#tell();
    // Who shows a run waits for what comes after it, also where that is what was before.
    if (wasBehind && !isTold) this.#tellAged();
    if (isJudged) this.#tellAgainInTime();
  }

  async #judgeAnew(): Promise<boolean> {
    try {
      const facts = await this.#parts.gather();
      this.#judged = { facts, judgement: judge(facts) };
      return true;
    } catch (error) {
      // Unforeseen, or the disk of the home itself: the last judgement holds, and the next look is in an hour.
      this.#parts.logger.error(errorFields(error), 'state not judged');
      return false;
    }
  }

  /** “12 min ago” is another sentence a minute later; nothing has to be looked up for it. */
  #tellAgainInTime(): void {
    this.#wordsTimer?.[Symbol.dispose]();
    const facts = this.#judged?.facts;
    const atMs = facts === undefined ? undefined : nextWordsMs(facts);
    if (facts === undefined || atMs === undefined || this.#isEnded) return;
    this.#wordsTimer = this.#parts.clock.after(Math.max(0, atMs - this.#parts.clock.now()), () => {
      const now = { ...facts, nowMs: this.#parts.clock.now() };
      this.#judged = { facts: now, judgement: judge(now) };
      this.#tellAged();
      this.#tellAgainInTime();
    });
  }

  #tellAged(): void {
    const sentence = this.#judged?.judgement.sentence;
    if (sentence !== undefined && !this.#isEnded) this.#parts.events.emit('statusAged', { sentence });
  }

  /** Says so when it is another state, sentence or cause than what was last told. */
  #tell(): boolean {
    if (this.#judged === undefined || this.#isEnded) return false;
    const { state, sentence, causes: found } = this.#judged.judgement;
    const now = JSON.stringify([state, sentence, found]);
    if (now === this.#told) return false;
    this.#told = now;
    this.#parts.events.emit('statusChanged', { state, sentence });
    return true;
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
