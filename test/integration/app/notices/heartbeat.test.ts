import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import { Heartbeat } from '../../../../main/app/notices/heartbeat.ts';
import { notificationSettings } from '../../../../shared/model/notification-settings.ts';
import { FakeClock, settled } from '../../../fakes/fake-clock.ts';
import { silentLogger } from '../../../fakes/silent-logger.ts';
import { webListener } from '../../../helpers/web-listener.ts';

type Outcome = 'succeeded' | 'incomplete' | 'failed' | 'cancelled' | 'skipped';

async function beating(url: string | undefined) {
  const events = new EventBus();
  const clock = new FakeClock(0);
  const settings = notificationSettings.parse(url === undefined ? {} : { heartbeat: { url } });
  const heartbeat = new Heartbeat({
    events,
    clock,
    settings: async () => await Promise.resolve(settings),
    logger: silentLogger,
  });
  heartbeat.start();
  const run = { runId: '1', what: 'backup' as const, startedMs: 0 };
  return {
    clock,
    heartbeat,
    start: () => events.emit('runStarted', run),
    end: (outcome: Outcome) => events.emit('runFinished', { ...run, finishedMs: 1, outcome }),
    rehearse: () => events.emit('runFinished', { ...run, what: 'drill', finishedMs: 1, outcome: 'failed' }),
  };
}

describe('Heartbeat', () => {
  it.each([
    ['succeeded', '/ping/abc'],
    ['failed', '/ping/abc/fail'],
    ['incomplete', '/ping/abc/fail'],
  ] as const)('tells the start and that a backup %s', async (outcome, path) => {
    const listener = await webListener();
    const { heartbeat, start, end } = await beating(`${listener.url}/ping/abc`);
    start();
    await listener.waitFor(1);
    end(outcome);
    await listener.waitFor(2);
    expect(listener.heard.map((heard) => heard.path)).toEqual(['/ping/abc/start', path]);
    await heartbeat[Symbol.asyncDispose]();
  });

  it('keeps quiet of what was cancelled or skipped, and of other runs', async () => {
    const listener = await webListener();
    const { heartbeat, end, rehearse } = await beating(listener.url);
    end('cancelled');
    end('skipped');
    rehearse();
    end('succeeded');
    await listener.waitFor(1);
    expect(listener.heard).toHaveLength(1);
    await heartbeat[Symbol.asyncDispose]();
  });

  it('tries three times, a minute apart', async () => {
    const listener = await webListener();
    listener.status = 503;
    const { clock, heartbeat, end } = await beating(listener.url);
    end('succeeded');
    for (let attempt = 1; attempt < 3; attempt += 1) {
      await listener.waitFor(attempt);
      // The answer is read before the next attempt is planned.
      while (clock.untilNextMs === Infinity) await settled();
      expect(clock.untilNextMs).toBe(60_000);
      await clock.advance(60_000);
    }
    await listener.waitFor(3);
    await heartbeat[Symbol.asyncDispose]();
    expect(listener.heard).toHaveLength(3);
    expect(clock.untilNextMs).toBe(Infinity);
  });

  it('ends at once with the application, also while nobody answers', async () => {
    const listener = await webListener();
    listener.status = 0;
    const { heartbeat, end } = await beating(listener.url);
    end('succeeded');
    await listener.waitFor(1);
    await heartbeat[Symbol.asyncDispose]();
  });
});
