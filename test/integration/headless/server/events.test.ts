import { once } from 'node:events';
import { get } from 'node:http';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import { addEvents } from '../../../../main/headless/server/browser/events.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const minuteMs = 60_000;

describe('the stream of events', () => {
  it('shows each minute that it lives, and ends its timer with the page', async () => {
    const clock = new FakeClock(0);
    const app = fastify({ exposeHeadRoutes: false });
    onTestFinished(async () => await app.close());
    addEvents(app, { events: new EventBus(), clock });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const request = get(`${address}/events`);
    const [response] = await once(request, 'response');
    const beats = response.setEncoding('utf8')[Symbol.asyncIterator]();
    expect((await beats.next()).value).toBe(':\n\n');
    for (let minute = 0; minute < 3; minute += 1) {
      await clock.advance(minuteMs - 1);
      await clock.advance(1);
      // An event, of which a page hears.
      expect((await beats.next()).value).toBe('event: beat\ndata: 1\n\n');
    }
    expect([clock.fired, clock.timers]).toEqual([3, 1]);
    request.destroy();
    while (clock.timers > 0) await new Promise((resolve) => void setImmediate(resolve));
    await clock.advance(10 * minuteMs);
    expect(clock.fired).toBe(3);
  });
});
