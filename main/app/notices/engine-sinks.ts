import type { NotificationSettings } from '../../../shared/model/notification-settings.ts';
import type { Engine } from '../engine.ts';
import { makeSinks, type Sinks } from './sinks/make-sinks.ts';
import { queueSink } from './sinks/queue-sink.ts';

/** The sinks of a home. Addresses of web hooks often are secrets themselves: none of them gets into the log. */
export async function engineSinks(engine: Engine, settings: NotificationSettings): Promise<Sinks> {
  for (const address of [settings.webhook?.url, settings.heartbeat?.url]) {
    engine.log.redactor.learnAddress(address);
  }
  const { settings: home } = await engine.settings.read();
  const queue =
    home.install?.dockerHost === undefined
      ? { reason: 'No Docker engine serves this install.' }
      : queueSink(async () => await (await engine.services()).readInstall());
  return makeSinks(settings, { credentials: engine.credentials, tray: engine.tray, queue });
}
