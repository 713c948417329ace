import { describe, expect, it, onTestFinished } from 'vitest';
import { Power } from '../../../main/app/power.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const minuteMs = 60_000;

function world(): Readonly<{ clock: FakeClock; told: string[]; power: Power }> {
  const clock = new FakeClock(0);
  const told: string[] = [];
  const power = new Power({
    clock,
    rest: () => void told.push('rest'),
    wake: () => void told.push('wake'),
    stop: async () => void told.push('stop'),
  });
  onTestFinished(() => power[Symbol.dispose]());
  return { clock, told, power };
}

describe('Power', () => {
  it('lets things rest when the machine falls asleep, until it wakes', async () => {
    const { clock, told, power } = world();
    power.sleeping();
    clock.sleep(600 * minuteMs);
    expect(told).toEqual(['rest']);
    power.wake();
    await clock.advance(60 * minuteMs);
    expect(told).toEqual(['rest', 'wake']);
  });

  it('does not let them rest for ever where nobody tells of waking up', async () => {
    const { clock, told, power } = world();
    power.sleeping();
    power.sleeping();
    await clock.advance(5 * minuteMs);
    expect(told).toEqual(['rest', 'rest', 'wake']);
    expect(clock.timers).toBe(0);
  });

  it('stops the application when the session ends', async () => {
    const { told, power } = world();
    await power.sessionEnding();
    expect(told).toEqual(['stop']);
  });
});
