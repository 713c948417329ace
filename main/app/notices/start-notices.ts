import type { Clock } from '../../platform/clock.ts';
import type { Engine } from '../engine.ts';
import { gatherFacts } from '../status/gather.ts';
import { StatusWatcher } from '../status/status-watcher.ts';
import { engineSinks } from './engine-sinks.ts';
import { Heartbeat } from './heartbeat.ts';
import { NoticeService } from './notice-service.ts';
import type { TrayPort } from './sinks/tray-sink.ts';

export type NoticesRunning = AsyncDisposable & Readonly<{ watcher: StatusWatcher; notices: NoticeService }>;

/** Starts what watches over the state and tells people of it. */
export function startNotices(engine: Engine, clock: Clock, tray: TrayPort | undefined): NoticesRunning {
  const { events, log } = engine;
  const settings = async () => (await engine.settings.read()).settings.backup.notifications;
  const running = new AsyncDisposableStack();
  const gather = async () => await gatherFacts(engine);
  const watcher = running.use(new StatusWatcher({ clock, events, gather, logger: log.of('status') }));
  const logger = log.of('notices');
  const heartbeat = running.use(new Heartbeat({ events, clock, settings, logger }));
  const notices = running.use(
    new NoticeService({
      clock,
      events,
      settings,
      store: engine.notices,
      sinks: async (now) => await engineSinks(engine, now, tray),
      current: () => watcher.current,
      logger,
    }),
  );
  notices.start();
  heartbeat.start();
  watcher.start();
  return { watcher, notices, [Symbol.asyncDispose]: async () => await running.disposeAsync() };
}
