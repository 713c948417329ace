import type { EventOf } from '../../../shared/model/events.ts';
import type { NoticeMessage, NoticesFile, OutboxEntry } from '../../../shared/model/notice.ts';
import type { NotificationSettings } from '../../../shared/model/notification-settings.ts';
import type { Clock } from '../../platform/clock.ts';
import type { EventBus } from '../events/event-bus.ts';
import { errorFields, type Logger } from '../logs/logger.ts';
import type { Judged } from '../status/judged.ts';
import { decideNotices, situationOf } from './decide.ts';
import { deliverDue } from './deliver.ts';
import type { NoticeStore } from './notice-store.ts';
import { deliverAtMs, posted } from './outbox.ts';
import { quietUntilMs } from './quiet-hours.ts';
import type { Sinks } from './sinks/make-sinks.ts';

const shortestMs = 60_000;
/** Timers do not count the time that the machine sleeps, which is not told everywhere. */
const longestMs = 3_600_000;

export type NoticeServiceParts = Readonly<{
  clock: Clock;
  events: EventBus;
  store: NoticeStore;
  settings: () => Promise<NotificationSettings>;
  sinks: (settings: NotificationSettings) => Promise<Sinks>;
  current: () => Judged | undefined;
  logger: Logger;
}>;

/** Turns the state into notices, one for each cause, and sees to it that they arrive. Nothing here hinders a backup. */
export class NoticeService implements AsyncDisposable {
  readonly #parts: NoticeServiceParts;
  readonly #stop = new AbortController();
  #subscription: Disposable | undefined;
  #timer: Disposable | undefined;
  #work: Promise<void> = Promise.resolve();
  /** When the causes are to be decided anew. */
  #decideAtMs: number | undefined;

  constructor(parts: NoticeServiceParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#subscription = this.#parts.events.subscribe(({ name, event }) => {
      if (name === 'statusChanged' || name === 'settingsChanged')
        this.#then(async () => await this.#decide());
      if (name === 'runFinished') this.#then(async () => await this.#tellSuccess(event));
    });
    this.#then(async () => await this.#deliver());
  }

  /** Decides anew, and sends what became due while the machine slept. */
  wake(): void {
    this.#then(async () => await this.#decide());
  }

  /** Resolves when all that was to be done up to now is done, or has failed. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#stop.abort();
    await this.#work;
  }

  /** One thing after the other: what is told keeps its order. */
  #then(step: () => Promise<void>): void {
    const work = async (before: Promise<void>): Promise<void> => {
      await before;
      if (this.#stop.signal.aborted) return;
      try {
        await step();
        await this.#deliver();
      } catch (error) {
        this.#parts.logger.error(errorFields(error), 'notices not decided');
      }
    };
    this.#work = work(this.#work);
  }

  async #decide(): Promise<void> {
    const judged = this.#parts.current();
    if (judged === undefined) return;
    const situation = situationOf(judged, this.#parts.clock.now());
    await this.#post((before) => {
      const { book, messages, nextMs } = decideNotices(before.book, situation);
      this.#decideAtMs = nextMs;
      return { file: { ...before, book }, messages };
    });
  }

  /** The first good backup is told, later ones only where that was asked for. */
  async #tellSuccess(event: EventOf<'runFinished'>): Promise<void> {
    if (event.what !== 'backup' || event.outcome !== 'succeeded') return;
    const settings = await this.#parts.settings();
    await this.#post((before) => {
      const isFirst = !before.isFirstSuccessTold;
      const isTold = isFirst ? settings.firstSuccess : settings.everySuccess;
      const messages = isTold ? [successMessage(event, isFirst)] : [];
      return { file: { ...before, isFirstSuccessTold: true }, messages };
    });
  }

  /** Stored before anything is sent: what was decided is neither lost nor told twice. */
  async #post(
    decide: (before: NoticesFile) => Readonly<{ file: NoticesFile; messages: readonly NoticeMessage[] }>,
  ): Promise<void> {
    const settings = await this.#parts.settings();
    const sinks = await this.#parts.sinks(settings);
    let isChanged = false;
    await this.#parts.store.change((before) => {
      const { file, messages } = decide(before);
      const outbox = messages.reduce<readonly OutboxEntry[]>(
        (box, message) => posted(box, message, sinks.on),
        before.outbox,
      );
      const after = { ...file, outbox: [...outbox] };
      isChanged = JSON.stringify(after) !== JSON.stringify(before);
      for (const { event, cause } of messages) {
        this.#parts.logger.info({ event, key: cause.key, severity: cause.severity }, 'notice');
      }
      return isChanged ? after : before;
    });
    if (isChanged) this.#parts.events.emit('noticesChanged', {});
  }

  async #deliver(): Promise<void> {
    const { store, clock, logger } = this.#parts;
    const { outbox } = await store.read();
    if (outbox.length === 0) {
      this.#sleep([]);
      return;
    }
    const settings = await this.#parts.settings();
    const { on: sinks } = await this.#parts.sinks(settings);
    const dueMs = (entry: OutboxEntry): number => {
      const nowMs = clock.now();
      return deliverAtMs(entry, { sinks, quietUntilMs: quietUntilMs(settings.quietHours, nowMs), nowMs });
    };
    const isDue = (entry: OutboxEntry): boolean => dueMs(entry) <= clock.now();
    if (outbox.some(isDue)) {
      await deliverDue({ store, sinks, clock, logger, signal: this.#stop.signal, isDue });
      this.#parts.events.emit('noticesChanged', {});
    }
    this.#sleep((await store.read()).outbox.map(dueMs));
  }

  #sleep(dueMs: readonly number[]): void {
    this.#timer?.[Symbol.dispose]();
    const next = Math.min(...dueMs, this.#decideAtMs ?? Infinity);
    if (next === Infinity || this.#stop.signal.aborted) return;
    const ms = Math.min(longestMs, Math.max(shortestMs, next - this.#parts.clock.now()));
    this.#timer = this.#parts.clock.after(ms, () => this.wake());
  }
}

function successMessage(
  { finishedMs, startedMs, backupId }: EventOf<'runFinished'>,
  isFirst: boolean,
): NoticeMessage {
  const action = { label: 'Show', operation: 'show', input: { page: 'backup', backupId: backupId ?? '' } };
  const title = isFirst ? 'The first backup is done' : 'The backup is done';
  const body = isFirst
    ? 'From now on you are told when something is wrong.'
    : `It is backup ${backupId ?? ''}.`;
  const cause = { key: 'done', severity: 'good' as const, title, body, action };
  return { event: 'done', cause, sinceMs: startedMs, atMs: finishedMs, isSaid: true };
}
