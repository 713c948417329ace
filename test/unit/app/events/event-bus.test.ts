import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import type { AppEvent, EventOf } from '../../../../shared/model/events.ts';

const started: EventOf<'runStarted'> = { runId: 'a', what: 'backup', trigger: 'manual', startedMs: 1 };
const progress: EventOf<'runProgress'> = {
  ...started,
  phase: 'files',
  done: 1,
  unit: 'files',
  detail: '',
};
const finished: EventOf<'runFinished'> = { ...started, finishedMs: 2, outcome: 'succeeded' };

function heardBy(bus: EventBus): AppEvent[] {
  const heard: AppEvent[] = [];
  bus.subscribe((event) => void heard.push(event));
  return heard;
}

const names = (events: readonly AppEvent[]): string[] => events.map(({ name }) => name);

describe('EventBus', () => {
  it('tells everybody, until they leave', () => {
    const bus = new EventBus();
    const heard: number[] = [];
    const listener = (): void => void heard.push(1);
    const first = bus.on('vaultChanged', listener);
    bus.on('vaultChanged', listener);
    bus.emit('vaultChanged', {});
    first[Symbol.dispose]();
    bus.emit('vaultChanged', {});
    expect(heard).toHaveLength(3);
  });

  it('tells the last of each name to whoever comes later, in the order in which they came', () => {
    const bus = new EventBus();
    bus.emit('statusChanged', { state: 'protected', sentence: 'Protected.' });
    bus.emit('settingsChanged', { names: ['scheduleHours'] });
    bus.emit('statusChanged', { state: 'stale', sentence: 'Old.' });
    expect(heardBy(bus)).toEqual([
      { name: 'settingsChanged', event: { names: ['scheduleHours'] } },
      { name: 'statusChanged', event: { state: 'stale', sentence: 'Old.' } },
    ]);
  });

  it('keeps start and progress of each run, until it is finished', () => {
    const bus = new EventBus();
    const verify = { ...started, runId: 'b', what: 'verify' as const };
    bus.emit('runStarted', started);
    bus.emit('runStarted', verify);
    bus.emit('runProgress', progress);
    expect(names(heardBy(bus))).toEqual(['runStarted', 'runStarted', 'runProgress']);
    bus.emit('runFinished', finished);
    expect(heardBy(bus)).toEqual([
      { name: 'runStarted', event: verify },
      { name: 'runFinished', event: finished },
    ]);
  });

  it('goes on when a subscriber throws, and says so', () => {
    const problems: unknown[] = [];
    const bus = new EventBus((error) => void problems.push(error));
    const error = new Error('thrown by a subscriber');
    bus.subscribe(() => {
      throw error;
    });
    const heard = heardBy(bus);
    bus.emit('vaultChanged', {});
    expect(names(heard)).toEqual(['vaultChanged']);
    expect(problems).toEqual([error]);
  });
});
