import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import { type Sender, TrustedHost } from '../../../../main/app/ipc/trusted-host.ts';
import { mostPayloadBytes } from '../../../../main/app/ipc/payload.ts';
import type { AppEvent } from '../../../../shared/model/events.ts';
import type { Envelope } from '../../../../shared/ipc/envelope.ts';

const page: Sender = { contentsId: 7, isMainFrame: true, url: 'app://trinity/#/overview' };

function world() {
  const refused: string[] = [];
  const asked: (readonly [string, unknown])[] = [];
  const events = new EventBus();
  const dispatch = async (name: string, input: unknown): Promise<Envelope> => {
    asked.push([name, input]);
    return await Promise.resolve({ ok: true, value: 'answered' });
  };
  const starting =
    Promise.withResolvers<Readonly<{ calls: { dispatch: typeof dispatch }; events: EventBus }>>();
  const host = new TrustedHost({
    engine: starting.promise,
    isOurs: (contentsId) => contentsId === 7,
    onRefused: (reason) => void refused.push(reason),
  });
  return { host, refused, asked, events, start: () => starting.resolve({ calls: { dispatch }, events }) };
}

const strangers: readonly (readonly [string, Sender | undefined])[] = [
  ['a frame that is gone', undefined],
  ['a stranger', { ...page, contentsId: 8 }],
  ['a frame within a page', { ...page, isMainFrame: false }],
  ['a page of another origin', { ...page, url: 'https://trinity/' }],
  ['a page of another origin', { ...page, url: 'app://trinity.example/' }],
  ['a page of another origin', { ...page, url: 'app://trinity:80/' }],
  ['a page of another origin', { ...page, url: 'about:blank' }],
  ['a page of another origin', { ...page, url: 'no address' }],
];

describe('TrustedHost', () => {
  it('answers the page of its window, once the engine has started', async () => {
    const { host, asked, start } = world();
    const answer = host.call(page, 'status.get', {});
    expect(asked).toEqual([]);
    start();
    expect(await answer).toEqual({ ok: true, value: 'answered' });
    expect(asked).toEqual([['status.get', {}]]);
  });

  it.each(strangers)('refuses %s, and tells it nothing', async (reason, sender) => {
    const { host, asked, refused, events, start } = world();
    start();
    expect(await host.call(sender, 'status.get', {})).toMatchObject({
      ok: false,
      error: { kind: 'refused' },
    });
    const heard: AppEvent[] = [];
    expect(host.subscribe(sender, (event) => void heard.push(event))).toBe(false);
    await Promise.resolve();
    events.emit('noticesChanged', {});
    expect([asked, heard, refused]).toEqual([[], [], [reason, reason]]);
  });

  it.each([
    ['a name that is none', 7, {}],
    ['a name that is too long', 'x'.repeat(65), {}],
    ['a payload that is too large', 'status.get', { text: 'x'.repeat(mostPayloadBytes) }],
    ['a payload that is no data', 'status.get', new Map()],
  ])('refuses %s', async (_what, name, input) => {
    const { host, asked, start } = world();
    start();
    expect(await host.call(page, name, input)).toMatchObject({ ok: false, error: { kind: 'refused' } });
    expect(asked).toEqual([]);
  });

  it('tells the last of everything first, then what comes, until the page is gone', async () => {
    const { host, events, start } = world();
    events.emit('statusChanged', { state: 'protected', sentence: 'Protected.' });
    const heard: string[] = [];
    expect(host.subscribe(page, ({ name }) => void heard.push(name))).toBe(true);
    start();
    await expect.poll(() => heard).toEqual(['statusChanged']);
    events.emit('noticesChanged', {});
    host.leave(page.contentsId);
    events.emit('copiesChanged', {});
    expect(heard).toEqual(['statusChanged', 'noticesChanged']);
  });

  it('tells a page that was loaded anew once, whatever frames within it ask for', async () => {
    const { host, events, start } = world();
    start();
    const heard: string[] = [];
    const subscribe = (sender: Sender | undefined, as: string): boolean =>
      host.subscribe(sender, ({ name }) => void heard.push(`${as} ${name}`));
    expect(subscribe(page, 'before')).toBe(true);
    expect(subscribe(page, 'page')).toBe(false);
    for (const [, sender] of strangers) expect(subscribe(sender, 'stranger')).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    events.emit('noticesChanged', {});
    expect(heard).toEqual(['page noticesChanged']);
  });

  it('tells nothing to a page that was gone before the engine had started', async () => {
    const { host, events, start } = world();
    const heard: string[] = [];
    host.subscribe(page, ({ name }) => void heard.push(name));
    host.leave(page.contentsId);
    start();
    await new Promise((resolve) => setImmediate(resolve));
    events.emit('noticesChanged', {});
    expect(heard).toEqual([]);
  });
});
