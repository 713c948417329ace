import { describe, expect, it } from 'vitest';
import { RecoveryRetries } from '../../../../main/app/recovery/recovery-retries.ts';
import { FakeClock, settled } from '../../../fakes/fake-clock.ts';

const minuteMs = 60_000;

function retrying() {
  const clock = new FakeClock(Date.parse('2026-03-02T12:00:00Z'));
  const world = { isLeft: true, isBusy: false, tries: 0, problems: [] as string[], mends: () => false };
  const retries = new RecoveryRetries({
    clock,
    isLeft: () => world.isLeft,
    isBusy: () => world.isBusy,
    recover: async () => {
      world.tries += 1;
      world.isLeft = !world.mends();
      await Promise.resolve();
    },
    onProblem: (message) => void world.problems.push(message),
  });
  return { clock, world, retries };
}

describe('RecoveryRetries', () => {
  it('tries again what is left, ever more rarely, until nothing is', async () => {
    const { clock, world, retries } = retrying();
    retries.start();
    await clock.advance(4 * minuteMs);
    expect(world.tries).toBe(3);
    await clock.advance(24 * 60 * minuteMs);
    expect(world.tries).toBeLessThan(3 + 4 + 24);
    expect(clock.untilNextMs).toBeLessThanOrEqual(60 * minuteMs);
    world.mends = () => true;
    await clock.advance(60 * minuteMs);
    expect([world.isLeft, clock.timers]).toEqual([false, 0]);
    await retries[Symbol.asyncDispose]();
  });

  it('has no timer where nothing is left', async () => {
    const { clock, world, retries } = retrying();
    world.isLeft = false;
    retries.start();
    retries.wake();
    await settled();
    expect([world.tries, clock.timers]).toEqual([0, 0]);
    await retries[Symbol.asyncDispose]();
  });

  it('waits while something else is on, and tries at once after a sleep', async () => {
    const { clock, world, retries } = retrying();
    world.isBusy = true;
    retries.start();
    await clock.advance(5 * minuteMs);
    expect(world.tries).toBe(0);
    world.isBusy = false;
    retries.wake();
    await settled();
    expect(world.tries).toBe(1);
    await retries[Symbol.asyncDispose]();
  });

  it('goes on after what nobody foresaw, and says so', async () => {
    const { clock, world, retries } = retrying();
    world.mends = () => {
      throw new Error('The disk is gone.');
    };
    retries.start();
    await clock.advance(2 * minuteMs);
    expect([world.tries, world.problems.length]).toEqual([2, 2]);
    await retries[Symbol.asyncDispose]();
    expect(clock.timers).toBe(0);
  });
});
