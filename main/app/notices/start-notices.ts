import type { Clock } from '../../platform/clock.ts';
import type { Engine } from '../engine.ts';
import { gatherFacts } from '../status/gather.ts';
import { glance } from '../status/glance.ts';
import { StatusWatcher } from '../status/status-watcher.ts';
import { engineSinks } from './engine-sinks.ts';
import { Heartbeat } from './heartbeat.ts';
import { NoticeService } from './notice-service.ts';

/** What tells people. The state is watched from `watch` on, until what it returns is disposed. */
export type NoticesRunning = AsyncDisposable &
  Readonly<{
    watch: () => StatusWatcher;
    /** The machine woke up: what became due meanwhile is told now. */
    wake: () => void;
  }>;

/**
 * Starts what tells people. To be started before all other services, so that it hears what they do; watching is for when all of them
 * run, since what has not started yet, or was stopped with the application, looks like something that does not run.
 */
export function startNotices(engine: Engine, clock: Clock): NoticesRunning {
  const { events, log } = engine;
  const settings = async () => (await engine.settings.read()).settings.backup.notifications;
  const watcher = new StatusWatcher({
    clock,
    events,
    gather: async () => await gatherFacts(engine),
    glance: async () => await glance(engine),
    logger: log.of('status'),
  });
  const logger = log.of('notices');
  const heartbeat = new Heartbeat({ events, clock, settings, logger });
  const notices = new NoticeService({
    clock,
    events,
    settings,
    store: engine.notices,
    sinks: async (now) => await engineSinks(engine, now),
    current: () => watcher.current,
    logger,
  });
  notices.start();
  heartbeat.start();
  return {
    watch: () => {
      watcher.start();
      engine.watcher = watcher;
      return watcher;
    },
    wake: () => {
      void watcher.look();
      notices.wake();
    },
    [Symbol.asyncDispose]: async () => {
      await notices[Symbol.asyncDispose]();
      await heartbeat[Symbol.asyncDispose]();
    },
  };
}
