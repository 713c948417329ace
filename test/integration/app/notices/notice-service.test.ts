import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import { NoticeService } from '../../../../main/app/notices/notice-service.ts';
import { NoticeStore } from '../../../../main/app/notices/notice-store.ts';
import type { Sinks } from '../../../../main/app/notices/sinks/make-sinks.ts';
import type { NoticeSink } from '../../../../main/app/notices/sinks/sink.ts';
import { traySink } from '../../../../main/app/notices/sinks/tray-sink.ts';
import { webhookSink } from '../../../../main/app/notices/sinks/webhook-sink.ts';
import { judge } from '../../../../main/app/status/judge.ts';
import type { StatusFacts } from '../../../../main/app/status/facts.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { notificationSettings } from '../../../../shared/model/notification-settings.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { silentLogger } from '../../../fakes/silent-logger.ts';
import { hourMs, nowMs, statusFacts, statusSource } from '../../../fakes/status-facts.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { webListener } from '../../../helpers/web-listener.ts';

const failed = (atMs: number): Partial<StatusFacts> => ({
  lastFailure: { atMs, cause: 'The disk is full.', kind: 'full' },
});

/** A home whose application may be ended and started again; sinks stay. */
class NoticeWorld {
  readonly clock = new FakeClock(nowMs);
  readonly folder: string;
  settings: object = {};
  sinks: readonly NoticeSink[] = [];
  facts: Partial<StatusFacts> = {};
  events = new EventBus();
  service: NoticeService;

  constructor(folder: string) {
    this.folder = folder;
    this.service = this.#started();
  }

  get file(): string {
    return path.join(this.folder, 'notices.json');
  }

  async restart(): Promise<void> {
    await this.service[Symbol.asyncDispose]();
    this.events = new EventBus();
    this.service = this.#started();
    await this.service.settled();
  }

  /** The state is judged anew. */
  async judged(facts: Partial<StatusFacts>): Promise<void> {
    this.facts = facts;
    this.events.emit('statusChanged', { state: '', sentence: '' });
    await this.service.settled();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.service.settled();
  }

  async finished(outcome: 'succeeded' | 'failed'): Promise<void> {
    const run = {
      runId: '1',
      what: 'backup' as const,
      startedMs: 0,
      finishedMs: 1,
      backupId: '0123456789ab',
    };
    this.events.emit('runFinished', { ...run, outcome });
    await this.service.settled();
  }

  #started(): NoticeService {
    const service = new NoticeService({
      clock: this.clock,
      events: this.events,
      store: new NoticeStore(this.file),
      settings: async () => await Promise.resolve(notificationSettings.parse(this.settings)),
      sinks: async (): Promise<Sinks> => await Promise.resolve({ on: this.sinks, off: [] }),
      current: () => {
        const now = this.clock.now();
        const sources = [statusSource('the database', { lastGoodMs: now - hourMs, provenMs: now - hourMs })];
        const facts = statusFacts({ sources, ...this.facts, nowMs: now });
        return { facts, judgement: judge(facts) };
      },
      logger: silentLogger,
    });
    service.start();
    return service;
  }
}

/** A sink that notes what it is given, and fails while it is told to. */
function noting(name: 'tray' | 'webhook' | 'mail', isDisturbing = false) {
  const told: string[] = [];
  const trouble = { fails: false };
  const sink: NoticeSink = {
    name,
    isDisturbing,
    wants: () => true,
    deliver: async ({ event, cause: { key } }) => {
      await Promise.resolve();
      if (trouble.fails) throw new AppError('unavailable', 'Nobody is there.');
      told.push(`${event} ${key}`);
    },
  };
  return { told, trouble, sink };
}

describe('NoticeService', () => {
  it('tells a cause once, also over restarts, and withdraws it when it is gone', async () => {
    const world = new NoticeWorld(await tempFolder());
    const { told, sink } = noting('webhook');
    world.sinks = [sink];
    await world.judged(failed(nowMs));
    await world.judged(failed(nowMs));
    await world.restart();
    await world.judged(failed(nowMs));
    expect(told).toEqual(['raised backup:full']);
    expect(statSync(world.file).mode & 0o777).toBe(0o600);
    await world.judged({});
    expect(told).toEqual(['raised backup:full', 'withdrawn backup:full']);
    await world.service[Symbol.asyncDispose]();
  });

  it('tells by a web hook, over real HTTP, and shows and withdraws in a tray', async () => {
    const world = new NoticeWorld(await tempFolder());
    const listener = await webListener();
    const shown: string[] = [];
    const tray = traySink({
      show: ({ title, message: { cause } }) => void shown.push(`${title} [${cause.action?.label ?? ''}]`),
      withdraw: (key) => void shown.push(`withdrawn ${key}`),
    });
    world.sinks = [webhookSink(listener.url, 'server-1'), tray];
    await world.judged({ damage: '1 backup is damaged.' });
    await world.judged({});
    expect(listener.heard.map(({ body }) => (JSON.parse(body) as { event: string }).event)).toEqual([
      'raised',
      'withdrawn',
    ]);
    expect(shown).toEqual([
      'Backups are damaged [Show]',
      'withdrawn damaged',
      'Solved: Backups are damaged [Show]',
    ]);
    await world.service[Symbol.asyncDispose]();
  });

  it('tries again when a sink fails, hinders no other, and delivers after a restart', async () => {
    const world = new NoticeWorld(await tempFolder());
    const [good, bad] = [noting('webhook'), noting('mail')];
    bad.trouble.fails = true;
    world.sinks = [good.sink, bad.sink];
    await world.judged(failed(nowMs));
    expect(good.told).toHaveLength(1);
    await world.pass(60_000);
    await world.restart();
    const stored = JSON.parse(readFileSync(world.file, 'utf8')) as object;
    expect(stored).toMatchObject({
      outbox: [{ sink: 'mail', attempts: 2 }],
      outcomes: { mail: { problem: 'Nobody is there.' } },
    });
    bad.trouble.fails = false;
    await world.pass(5 * 60_000);
    expect(bad.told).toEqual(['raised backup:full']);
    expect(good.told).toHaveLength(1);
    await world.service[Symbol.asyncDispose]();
  });

  it('gives up a sink that fails for a day, and wakes nobody any more', async () => {
    const world = new NoticeWorld(await tempFolder());
    const { sink, trouble } = noting('mail');
    trouble.fails = true;
    world.sinks = [sink];
    await world.judged(failed(nowMs));
    for (let count = 0; count < 10; count += 1) await world.pass(12 * hourMs);
    expect(JSON.parse(readFileSync(world.file, 'utf8'))).toMatchObject({ outbox: [] });
    expect(world.clock.untilNextMs).toBe(Infinity);
    await world.service[Symbol.asyncDispose]();
  });

  it('keeps quiet for people in their quiet hours, and tells in the morning what is still so', async () => {
    const world = new NoticeWorld(await tempFolder());
    const clockOf = (ms: number): string => {
      const date = new Date(ms);
      return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
    };
    world.settings = { quietHours: { from: clockOf(nowMs - hourMs), to: clockOf(nowMs + 2 * hourMs) } };
    const [machine, person] = [noting('webhook'), noting('tray', true)];
    world.sinks = [machine.sink, person.sink];
    await world.judged(failed(nowMs));
    await world.judged({ ...failed(nowMs), damage: 'Damaged.' });
    await world.judged(failed(nowMs));
    expect(machine.told).toEqual(['raised backup:full', 'raised damaged', 'withdrawn damaged']);
    expect(person.told).toEqual([]);
    await world.pass(2 * hourMs);
    expect(person.told).toEqual(['raised backup:full']);
    await world.service[Symbol.asyncDispose]();
  });

  it('tells at once what waited for quiet hours that were taken back, or for a clock that was set back', async () => {
    const world = new NoticeWorld(await tempFolder());
    world.settings = { quietHours: { from: '00:00', to: '23:59' } };
    const person = noting('tray', true);
    const machine = noting('webhook');
    machine.trouble.fails = true;
    world.sinks = [person.sink, machine.sink];
    await world.judged(failed(nowMs));
    expect(person.told).toEqual([]);
    world.settings = {};
    world.events.emit('settingsChanged', { names: [] });
    await world.service.settled();
    expect(person.told).toEqual(['raised backup:full']);
    machine.trouble.fails = false;
    world.clock.jump(-365 * 24 * hourMs);
    await world.pass(60_000);
    expect(machine.told).toEqual(['raised backup:full']);
    await world.service[Symbol.asyncDispose]();
  });

  it('tells the first good backup, and later ones only where that was asked for', async () => {
    const world = new NoticeWorld(await tempFolder());
    const { told, sink } = noting('webhook');
    world.sinks = [sink];
    await world.finished('failed');
    await world.finished('succeeded');
    await world.finished('succeeded');
    expect(told).toEqual(['done done']);
    world.settings = { everySuccess: true };
    await world.restart();
    await world.finished('succeeded');
    expect(told).toEqual(['done done', 'done done']);
    await world.service[Symbol.asyncDispose]();
  });

  it('keeps a file aside that cannot be read, and tells all once more', async () => {
    const world = new NoticeWorld(await tempFolder());
    const { told, sink } = noting('webhook');
    world.sinks = [sink];
    await world.judged(failed(nowMs));
    writeFileSync(world.file, '{"version":1,"book":');
    await world.restart();
    await world.judged(failed(nowMs));
    expect(told).toEqual(['raised backup:full', 'raised backup:full']);
    expect(readFileSync(`${world.file}.unreadable`, 'utf8')).toBe('{"version":1,"book":');
    await world.service[Symbol.asyncDispose]();
  });

  it('tells of a full disk although it cannot store that it did', async () => {
    const world = new NoticeWorld(path.join(await tempFolder(), 'not-there'));
    const { told, sink } = noting('webhook');
    world.sinks = [sink];
    await world.judged(failed(nowMs));
    await world.judged(failed(nowMs));
    expect(told).toEqual(['raised backup:full']);
    await world.service[Symbol.asyncDispose]();
  });
});
