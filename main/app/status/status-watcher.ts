import { messageOf } from '../../../shared/lib/app-error.ts';
import type { AppEvent } from '../../../shared/model/events.ts';
import { type Clock, longestTimerMs } from '../../platform/clock.ts';
import type { EventBus } from '../events/event-bus.ts';
import { errorFields, type Logger } from '../logs/logger.ts';
import { judge } from './judge.ts';
import { type Judged, tellable, type Told, type WatchedFacts, wordsOf } from './judged.ts';
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
/** A disk that was unmounted, an engine that was stopped, a new agent tell nobody: a glance sees them. */
const glanceMs = 90_000;
/** Everything else that may have changed without a word: what other machines did in the vault. */
const lookMs = 3_600_000;
/** A storage elsewhere that did not answer, as at a start before the network: no glance sees that it is there again. */
const awayMs = 300_000;

export type StatusWatcherParts = Readonly<{
  clock: Clock;
  events: EventBus;
  gather: () => Promise<WatchedFacts>;
  /** What is cheap to look at, as a text: where it is another than before, all is gathered. */
  glance: () => Promise<string>;
  logger: Logger;
}>;

/**
 * Keeps the state of the home: judges anew when something has happened, when a glance sees something else, when time alone changes the
 * state, when somebody asks, and once an hour, more often while the vault is away. Says so by `statusChanged`, and by `statusAged` where
 * only the words have changed with time.
 */
export class StatusWatcher implements AsyncDisposable {
  readonly #parts: StatusWatcherParts;
  #judged: Judged | undefined;
  #told: Told = { words: '', all: '' };
  #subscription: Disposable | undefined;
  #timer: Disposable | undefined;
  #tick: Disposable | undefined;
  #glancing: Promise<void> | undefined;
  #seen: string | undefined;
  /** When the sentence is another by time alone; infinite where that is not within the hour. */
  #wordsAtMs = Infinity;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;
  #seenStep = '';
  /** How many runs have ended, and how many of them the last judgement knows of. */
  #ended = 0;
  #judgedEnded = 0;
  /** Gatherings are numbered as they begin: what an earlier one found does not replace what a later one did. */
  #begun = 0;
  #taken = 0;
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
    this.#glancing = this.#glance();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    this.#subscription?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#tick?.[Symbol.dispose]();
    await this.#glancing;
    await this.#looking;
  }

  /** Gathers for whoever asks, and judges by it: all who tell the state tell the same from then on. */
  async gather(): Promise<WatchedFacts> {
    return await this.#gather('words');
  }

  async #gather(told: keyof Told): Promise<WatchedFacts> {
    this.#begun += 1;
    const [number, ended] = [this.#begun, this.#ended];
    const facts = await this.#parts.gather();
    if (number > this.#taken) {
      this.#taken = number;
      this.#take(facts, ended, told);
    }
    return facts;
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
    try {
      await this.#gather('all');
    } catch (error) {
      // Unforeseen, or the disk of the home itself: the last judgement holds, and the next look is in an hour.
      this.#parts.logger.error(errorFields(error), 'state not judged');
      if (this.#judgedEnded < ended) this.#tellAged();
      this.#judgedEnded = Math.max(this.#judgedEnded, ended);
    }
  }

  /** `ended`: how many runs had when the gathering began. `told`: what has to be another, to be told. */
  #take(facts: WatchedFacts, ended: number, told: keyof Told): void {
    const wasBehind = this.#judgedEnded < ended;
    this.#judgedEnded = Math.max(this.#judgedEnded, ended);
    this.#use({ facts, judgement: judge(facts) });
    // Who shows a run waits for what comes after it, also where that is what was before.
    if (!this.#tell(told) && wasBehind) this.#tellAged();
    this.#tickInTime();
  }

  #use(judged: Judged): void {
    this.#judged = judged;
    this.#wordsAtMs = nextWordsMs(judged.facts) ?? Infinity;
  }

  /** Looks at what tells nobody; all is looked up only where that is another than when it was last seen. */
  async #glance(): Promise<void> {
    const seen = await this.#see();
    // Kept before the look: what changes during it is another at the next glance.
    const isNew = seen !== this.#seen;
    this.#seen = seen;
    if (isNew && !this.#isEnded) await this.look();
    this.#glancing = undefined;
    this.#tickInTime();
  }

  /** What cannot be glanced at is said by the look. */
  async #see(): Promise<string> {
    try {
      return await this.#parts.glance();
    } catch (error) {
      return messageOf(error);
    }
  }

  /** When the words are others, or a glance is due. One timer for both wakes less often. */
  #tickInTime(): void {
    this.#tick?.[Symbol.dispose]();
    if (this.#isEnded) return;
    const untilWords = this.#wordsAtMs - this.#parts.clock.now();
    this.#tick = this.#parts.clock.after(Math.min(glanceMs, Math.max(0, untilWords)), () => {
      if (this.#parts.clock.now() >= this.#wordsAtMs) this.#age();
      if (this.#glancing === undefined) this.#glancing = this.#glance();
      else this.#tickInTime();
    });
  }

  /** “12 min ago” is another sentence a minute later; nothing has to be looked up for it. */
  #age(): void {
    if (this.#judged === undefined) return;
    const facts = { ...this.#judged.facts, nowMs: this.#parts.clock.now() };
    const before = this.#judged.judgement;
    const judgement = judge(facts);
    this.#use({ facts, judgement });
    if (judgement.sentence === before.sentence) return;
    // Another state or cause is told by the look that is planned for this moment.
    if (this.#told.words === wordsOf({ facts, judgement: { ...judgement, sentence: before.sentence } }))
      this.#told = { ...this.#told, words: wordsOf({ facts, judgement }) };
    this.#tellAged();
  }

  #tellAged(): void {
    const sentence = this.#judged?.judgement.sentence;
    if (sentence !== undefined && !this.#isEnded) this.#parts.events.emit('statusAged', { sentence });
  }

  /** Says so when it is another state, sentence or cause than what was last told. */
  #tell(told: keyof Told): boolean {
    if (this.#judged === undefined || this.#isEnded) return false;
    const now = { words: wordsOf(this.#judged), all: JSON.stringify(tellable(this.#judged)) };
    if (now[told] === this.#told[told]) return false;
    this.#told = now;
    const { state, sentence } = this.#judged.judgement;
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
    const facts = this.#judged?.facts;
    const next = facts === undefined ? undefined : nextChangeMs(facts);
    const untilNext = next === undefined ? lookMs : next - this.#parts.clock.now();
    const isAway = facts?.isSetUp === true && (facts.vault === 'absent' || facts.vault === 'unusable');
    return Math.min(isAway ? awayMs : lookMs, longestTimerMs, Math.max(shortestMs, untilNext));
  }

  #wakeIn(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isEnded) return;
    this.#timer = this.#parts.clock.after(ms, () => void this.look());
  }
}
