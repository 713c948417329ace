import type { EventOf } from '../../../shared/model/events.ts';
import type { NotificationSettings } from '../../../shared/model/notification-settings.ts';
import type { Clock } from '../../platform/clock.ts';
import type { EventBus } from '../events/event-bus.ts';
import { errorFields, type Logger } from '../logs/logger.ts';
import { webRequest } from './sinks/web-request.ts';

const limitMs = 30_000;
const retryMs = 60_000;
const maxAttempts = 3;

export type HeartbeatParts = Readonly<{
  events: EventBus;
  clock: Clock;
  settings: () => Promise<NotificationSettings>;
  logger: Logger;
}>;

/**
 * Tells a watching service of each backup: `URL/start`, then `URL` for a good one and `URL/fail` for another, so that it notices when
 * nothing is heard any more. What is cancelled or skipped says nothing. It hinders no backup.
 */
export class Heartbeat implements AsyncDisposable {
  readonly #parts: HeartbeatParts;
  readonly #stop = new AbortController();
  readonly #timers = new Set<Disposable>();
  readonly #open = new Set<Promise<void>>();
  #subscription: Disposable | undefined;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#subscription = this.#parts.events.subscribe(({ name, event }) => {
      if (name === 'runStarted' && event.what === 'backup') this.#tell('/start');
      if (name === 'runFinished' && event.what === 'backup') this.#finished(event);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription?.[Symbol.dispose]();
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#stop.abort();
    await Promise.all(this.#open);
  }

  #finished({ outcome }: EventOf<'runFinished'>): void {
    if (outcome === 'succeeded') this.#tell('');
    else if (outcome === 'failed' || outcome === 'incomplete') this.#tell('/fail');
  }

  #tell(path: string, attempt = 1): void {
    const telling = this.#send(path, attempt);
    this.#open.add(telling);
    void telling.finally(() => this.#open.delete(telling));
  }

  async #send(path: string, attempt: number): Promise<void> {
    const { clock, logger } = this.#parts;
    try {
      const { heartbeat } = await this.#parts.settings();
      if (heartbeat === undefined) return;
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(limitMs)]);
      const url = withPath(heartbeat.url, path);
      await webRequest({ method: 'POST', url, what: 'heartbeat service' }, signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      logger.warn({ ...errorFields(error), attempt }, 'heartbeat not sent');
      if (attempt >= maxAttempts) return;
      const timer = clock.after(retryMs, () => {
        this.#timers.delete(timer);
        this.#tell(path, attempt + 1);
      });
      this.#timers.add(timer);
    }
  }
}

function withPath(address: string, path: string): string {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/u, '')}${path}`;
  return url.href;
}
