import { describe, expect, it } from 'vitest';
import { EventStream, silentMs, type StreamSource } from '../../../../renderer/client/event-stream.ts';

type Listener = (event: Readonly<{ data?: string }>) => void;

class FakeSource implements StreamSource {
  readyState = 0;
  readonly #listeners = new Map<string, Listener>();

  readonly addEventListener = (name: string, listener: Listener): void => {
    this.#listeners.set(name, listener);
  };

  readonly close = (): void => {
    this.readyState = 2;
  };

  tell(name: string, data?: string): void {
    this.#listeners.get(name)?.(data === undefined ? {} : { data });
  }

  /** The line is lost; the browser tries again by itself, unless the answer was no stream. */
  fail(isForGood: boolean): void {
    this.readyState = isForGood ? 2 : 0;
    this.tell('error');
  }
}

function world() {
  const sources: FakeSource[] = [];
  const timers: { ms: number; run: () => void; isOn: boolean }[] = [];
  const heard: unknown[] = [];
  const stream = new EventStream(
    {
      open: () => {
        const source = new FakeSource();
        sources.push(source);
        return source;
      },
      after: (ms, run) => {
        const timer = { ms, run, isOn: true };
        timers.push(timer);
        return () => void (timer.isOn = false);
      },
    },
    {
      names: ['runStarted'],
      onEvent: (name, data) => void heard.push([name, data]),
      onConnection: (isOpen) => void heard.push(isOpen),
    },
  );
  const waiting = () => timers.filter(({ isOn }) => isOn);
  const newest = (): FakeSource => sources.at(-1) ?? new FakeSource();
  /** The one timer that waits fires; how long it was. */
  const fire = (): number => {
    const [timer] = waiting();
    expect(waiting()).toHaveLength(1);
    if (timer === undefined) return 0;
    timer.isOn = false;
    timer.run();
    return timer.ms;
  };
  return { stream, sources, newest, heard, fire, waiting };
}

describe('EventStream', () => {
  it('tells what comes, and when it is connected', () => {
    const { newest, heard } = world();
    newest().tell('open');
    newest().tell('runStarted', '{}');
    newest().tell('beat', '1');
    newest().tell('unknown', '{}');
    expect(heard).toEqual([true, ['runStarted', '{}']]);
  });

  it('leaves a lost line to the browser, and says both', () => {
    const { sources, newest, heard } = world();
    newest().tell('open');
    newest().fail(false);
    newest().fail(false);
    newest().tell('open');
    expect([heard, sources.length]).toEqual([[true, false, false, true], 1]);
  });

  it('comes again after an answer that was no stream, ever later, and at once as before when it worked', () => {
    const { sources, newest, fire } = world();
    const waits = Array.from({ length: 7 }, () => {
      newest().fail(true);
      return fire();
    });
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(sources).toHaveLength(8);
    newest().tell('open');
    newest().fail(true);
    expect(fire()).toBe(2000);
  });

  it('takes a line for dead that was silent for longer than two beats', () => {
    const { sources, newest, heard, fire, waiting } = world();
    newest().tell('open');
    newest().tell('beat', '1');
    expect(fire()).toBe(silentMs);
    expect([heard, sources.map(({ readyState }) => readyState)]).toEqual([
      [true, false],
      [2, 0],
    ]);
    // What the old one still says is nobody's.
    sources[0]?.tell('runStarted', '{}');
    newest().tell('open');
    expect(heard).toEqual([true, false, true]);
    expect(waiting()).toHaveLength(1);
  });

  it('hears and plans nothing more when it is closed', () => {
    const { stream, sources, newest, heard, waiting } = world();
    newest().tell('open');
    stream.close();
    newest().tell('runStarted', '{}');
    newest().fail(true);
    expect([heard, waiting(), sources.length, newest().readyState]).toEqual([[true], [], 1, 2]);
  });
});
