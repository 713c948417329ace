import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import { watchRun } from '../../../../main/app/events/watch-run.ts';
import { KeptPlans } from '../../../../main/app/kept-plans.ts';
import { HomeLog } from '../../../../main/app/logs/logger.ts';
import { Heartbeat } from '../../../../main/app/notices/heartbeat.ts';
import { NoticeService } from '../../../../main/app/notices/notice-service.ts';
import { NoticeStore } from '../../../../main/app/notices/notice-store.ts';
import type { NoticeSink } from '../../../../main/app/notices/sinks/sink.ts';
import { StatusWatcher } from '../../../../main/app/status/status-watcher.ts';
import { Tasks } from '../../../../main/app/tasks/tasks.ts';
import { Catalog } from '../../../../main/catalog/catalog.ts';
import { BrowserSessions } from '../../../../main/headless/server/browser/browser-sessions.ts';
import { IdempotencyStore, idempotentRequest } from '../../../../main/headless/server/idempotency.ts';
import { RateLimiter } from '../../../../main/headless/server/rate-limiter.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { RunSource } from '../../../../shared/model/history.ts';
import { notificationSettings } from '../../../../shared/model/notification-settings.ts';
import { FakeClock, settled } from '../../../fakes/fake-clock.ts';
import { hourMs, nowMs, statusFacts, statusSource } from '../../../fakes/status-facts.ts';
import { heapAfterCollection } from '../../../helpers/heap.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const progress = { phase: 'memory', done: 1, total: 2, unit: 'files', detail: '' } as const;
const sizes = { files: 1, bytes: 1, bytesAdded: 1, bytesStored: 1, frozenMs: 1, lockedMs: 1, warnings: 0 };

/** What an application keeps as long as it runs, with weeks of runs, requests, troubles and messages that do not arrive. */
class LongLife implements AsyncDisposable {
  readonly clock = new FakeClock(nowMs);
  readonly events = new EventBus();
  readonly notices: NoticeService;
  /** Ends no run: with the application alone. */
  readonly #end = new AbortController();
  readonly #parts = new AsyncDisposableStack();
  readonly #log: HomeLog;
  readonly #catalog: Catalog;
  readonly #tasks: Tasks;
  readonly #sessions = new BrowserSessions(this.clock.now);
  readonly #limiter = new RateLimiter(this.clock.now);
  readonly #idempotency: IdempotencyStore;
  readonly #plans = new KeptPlans();
  #damage: string | undefined;
  #isSinkAway = false;

  constructor(folder: string) {
    const { clock, events } = this;
    this.#log = this.#parts.use(new HomeLog(path.join(folder, 'logs'), { maxBytes: 20_000 }));
    this.#catalog = this.#parts.use(Catalog.open(path.join(folder, 'catalog.db')));
    this.#idempotency = new IdempotencyStore(path.join(folder, 'idempotency.json'), clock.now);
    this.#tasks = new Tasks(async (_name, _input, options) => await this.#watched(options), {
      now: clock.now,
      events,
    });
    const logger = this.#log.of('test');
    const gather = async () => {
      const [at, before] = [clock.now(), clock.now() - hourMs];
      const source = statusSource('the database', { lastGoodMs: before, provenMs: before });
      return await Promise.resolve(statusFacts({ nowMs: at, sources: [source], damage: this.#damage }));
    };
    const glance = async () => await Promise.resolve('');
    const watcher = new StatusWatcher({ clock, events, gather, glance, logger });
    const settings = async () => await Promise.resolve(notificationSettings.parse({ everySuccess: true }));
    this.notices = this.#parts.use(
      new NoticeService({
        clock,
        events,
        settings,
        store: new NoticeStore(path.join(folder, 'notices.json')),
        sinks: async () => await Promise.resolve({ on: [this.#sink], off: [] }),
        current: () => watcher.current,
        logger,
      }),
    );
    const heartbeat = this.#parts.use(new Heartbeat({ events, clock, settings, logger }));
    this.#parts.use(watcher);
    this.notices.start();
    heartbeat.start();
    watcher.start();
  }

  async week(number: number): Promise<void> {
    this.#damage = number % 2 === 0 ? `Damage ${String(number)}.` : undefined;
    this.#isSinkAway = number % 4 < 2;
    for (const outcome of ['succeeded', 'failed'] as const) {
      await this.#backUp(outcome, number);
      await this.clock.advance(84 * hourMs);
      await this.notices.settled();
    }
    for (let task = 0; task < 10; task += 1) {
      await this.#tasks.start('verify', { data: 'sample' }).done;
      this.#visit();
    }
    const request = idempotentRequest('createBackup', String(number), {});
    await this.#idempotency.run(request, async () => await Promise.resolve({ status: 204 }));
    const paths = Array.from({ length: 1000 }, (_, index) => `file ${String(index)}`);
    this.#plans.keep(
      String(number),
      paths.map((name) => ({ source: 'files', change: 'added', path: name, bytes: 1 })),
    );
    this.#log.redactor.learnAddress('https://hooks.example.org/services/secret-of-a-hook');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tasks[Symbol.asyncDispose]();
    await this.#parts.disposeAsync();
  }

  /** As the engine does: with a signal that would end it with the application. */
  async #watched(options: Readonly<{ signal: AbortSignal }>): Promise<void> {
    const signal = AbortSignal.any([options.signal, this.#end.signal]);
    const watched = { signal, onProgress: () => undefined };
    const { clock, events } = this;
    await watchRun({ events, now: clock.now, label: { what: 'backup' }, options: watched }, async (run) => {
      run.onProgress(progress);
      await settled();
    });
  }

  async #backUp(outcome: 'succeeded' | 'failed', number: number): Promise<void> {
    await this.#watched({ signal: new AbortController().signal });
    const at = this.clock.now();
    const sources = Array.from({ length: 10 }, (_, index): RunSource => ({
      source: `memory/agent-${String(index)}`,
      agents: ['a'],
      outcome,
      ...sizes,
    }));
    const run = { operation: 'backup', startedMs: at, finishedMs: at, outcome, failedSources: [], sources };
    const runId = this.#catalog.recordRun(run);
    this.#catalog.recordEvent({
      atMs: at,
      severity: 'info',
      code: 'x',
      words: `Week ${String(number)}.`,
      runId,
    });
    this.events.emit('activityRecorded', {});
    this.#log.of('activity').info({ runId }, 'a run ended');
  }

  /** Browsers come and go, and programs ask. */
  #visit(): void {
    const token = 'token of the service';
    const cookie = this.#sessions.redeem(this.#sessions.newCode(), token);
    this.#sessions.isValid(cookie ?? '', token);
    this.#sessions.newCode();
    for (const name of ['known', 'createBackup', 'restoreBackup'])
      this.#limiter.take(name, { most: 10, withinMs: 60_000 });
    const page = this.events.subscribe(() => undefined);
    page[Symbol.dispose]();
  }

  readonly #sink: NoticeSink = {
    name: 'webhook',
    isDisturbing: false,
    wants: () => true,
    deliver: async () => {
      await Promise.resolve();
      if (this.#isSinkAway)
        throw new AppError('unavailable', `Nobody is there: ${randomBytes(50).toString('hex')}`);
    },
  };
}

describe('what an application keeps as long as it runs', () => {
  it('needs no more memory, timers and events after a year than after three months', async () => {
    await using life = new LongLife(await tempFolder());
    const replayed = (): number => {
      let count = 0;
      life.events.subscribe(() => (count += 1))[Symbol.dispose]();
      return count;
    };
    // Of tasks the last hundred are kept: by then there are as many.
    for (let number = 1; number <= 12; number += 1) await life.week(number);
    const before = { heap: heapAfterCollection(), timers: life.clock.timers, events: replayed() };
    for (let number = 13; number <= 52; number += 1) await life.week(number);
    expect(life.clock.timers).toBeLessThanOrEqual(before.timers);
    expect(replayed()).toBeLessThanOrEqual(before.events);
    expect(heapAfterCollection() - before.heap).toBeLessThan(3_000_000);
  });
});
