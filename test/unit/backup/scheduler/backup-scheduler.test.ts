import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs, ScheduleWorld } from '../../../fakes/schedule-world.ts';

/** With one good backup made, and the next planned by it. */
async function settledWorld(): Promise<ScheduleWorld> {
  const world = new ScheduleWorld();
  await world.start();
  await world.clock.advance(10 * minuteMs);
  expect(world.good).toBe(1);
  return world;
}

const untilNextMs = (world: ScheduleWorld): number =>
  (world.scheduler.nextRuns(1)[0] ?? NaN) - world.clock.now();

describe('BackupScheduler', () => {
  it('makes the first backup soon after the start, then one an interval after each began', async () => {
    const world = await settledWorld();
    expect(untilNextMs(world)).toBe(6 * hourMs - 8 * minuteMs);
    await world.clock.advance(30 * hourMs);
    expect(world.good).toBe(6);
    expect(world.skips).toEqual([]);
  });

  it('shows the next three runs', async () => {
    const world = await settledWorld();
    const firstMs = Date.parse('2026-01-01T15:02:00Z');
    expect(world.scheduler.nextRuns(3)).toEqual([firstMs, firstMs + 6 * hourMs, firstMs + 12 * hourMs]);
  });

  it('goes on where it was after a restart, without a backup of its own', async () => {
    const world = await settledWorld();
    await world.clock.advance(4 * hourMs);
    await world.stop();
    world.clock.sleep(hourMs);
    await world.start();
    expect(untilNextMs(world)).toBe(hourMs - 8 * minuteMs);
    await world.clock.advance(50 * minuteMs);
    expect(world.good).toBe(1);
    await world.clock.advance(10 * minuteMs);
    expect(world.good).toBe(2);
  });

  it.each([
    ['the machine slept for two days', async (world: ScheduleWorld) => world.clock.sleep(2 * dayMs)],
    [
      'nothing ran for two days',
      async (world: ScheduleWorld) => {
        await world.stop();
        world.clock.sleep(2 * dayMs);
        await world.start();
      },
    ],
    ['the clock was set on by two days', async (world: ScheduleWorld) => world.clock.jump(2 * dayMs)],
  ])('catches up once, and says what was missed, when %s', async (_, happen) => {
    const world = await settledWorld();
    await happen(world);
    await world.clock.advance(20 * minuteMs);
    expect(world.good).toBe(2);
    expect(world.skips).toEqual(['missed']);
    await world.clock.advance(5 * hourMs);
    expect(world.good).toBe(2);
  });

  it('keeps its interval when the clock is set back', async () => {
    const world = await settledWorld();
    await world.clock.advance(3 * hourMs);
    world.clock.jump(-30 * dayMs);
    await world.clock.advance(10 * minuteMs);
    expect(untilNextMs(world)).toBeLessThanOrEqual(3 * hourMs);
    await world.clock.advance(3 * hourMs);
    expect(world.good).toBe(2);
    await world.stop();
    world.clock.jump(-30 * dayMs);
    await world.start();
    expect(untilNextMs(world)).toBeLessThanOrEqual(6 * hourMs);
  });

  it('keeps its interval over the days on which clocks are changed for summer and winter', async () => {
    for (const night of ['2026-03-28T21:00:00Z', '2026-10-24T21:00:00Z']) {
      const world = new ScheduleWorld(Date.parse(night));
      await world.start();
      await world.clock.advance(5 * minuteMs);
      const first = world.last;
      await world.clock.advance(6 * hourMs);
      expect((world.last?.elapsedMs ?? 0) - (first?.elapsedMs ?? 0)).toBe(6 * hourMs);
    }
  });

  it('waits for a place that is away, says so once, and runs soon when it is back', async () => {
    const world = await settledWorld();
    world.weather = 'away';
    await world.clock.advance(2 * dayMs);
    expect([world.good, world.starts]).toEqual([1, 1]);
    expect(world.skips).toEqual(['waiting']);
    world.weather = 'fine';
    await world.clock.advance(10 * minuteMs);
    expect(world.good).toBe(2);
  });

  it('tries again with longer and longer pauses after failures, also over restarts', async () => {
    const world = new ScheduleWorld();
    world.weather = 'full';
    await world.start();
    await world.clock.advance(hourMs);
    // After 2, 11, 25, 49 minutes: each takes 4, pauses are 5, 10, 20, 40.
    expect(world.starts).toBe(4);
    await world.stop();
    await world.start();
    await world.clock.advance(20 * minuteMs);
    expect(world.starts).toBe(4);
    await world.clock.advance(7 * dayMs);
    expect(world.starts).toBeGreaterThan(28);
    expect(world.starts).toBeLessThan(36);
    world.weather = 'fine';
    await world.clock.advance(7 * hourMs);
    expect(world.good).toBe(1);
    await world.clock.advance(6 * hourMs);
    expect(world.good).toBe(2);
  });

  it('tries a backup that lacks a source again in an hour, not at once', async () => {
    const world = new ScheduleWorld();
    world.weather = 'broken source';
    await world.start();
    await world.clock.advance(50 * minuteMs);
    expect(world.starts).toBe(1);
    await world.clock.advance(30 * minuteMs);
    expect(world.starts).toBe(2);
  });

  it('waits with its first run after a crash in the middle of one', async () => {
    const world = new ScheduleWorld();
    await world.start();
    await world.clock.advance(3 * minuteMs);
    expect(world.isRunning).toBe(true);
    await world.kill();
    await world.start();
    expect(untilNextMs(world)).toBe(4 * minuteMs);
  });

  it.each([12, 3, 1, 168])('starts no backup when the interval is set to %i hours', async (hours) => {
    const world = await settledWorld();
    await world.clock.advance(5.5 * hourMs);
    await world.change({ intervalMs: hours * hourMs });
    await world.clock.advance(5 * minuteMs);
    expect(world.starts).toBe(1);
    expect(untilNextMs(world)).toBeGreaterThan(0);
    expect(untilNextMs(world)).toBeLessThanOrEqual(hours * hourMs);
  });

  it('stops when it is disabled, and goes on when it is enabled again', async () => {
    const world = await settledWorld();
    await world.change({ isOn: false });
    expect(world.scheduler.nextRuns(3)).toEqual([]);
    await world.clock.advance(dayMs);
    expect(world.starts).toBe(1);
    await world.change({ isOn: true });
    await world.clock.advance(5 * minuteMs);
    expect(world.starts).toBe(2);
  });

  it('does nothing in a pause, records that once, and makes up for it at its end', async () => {
    const world = await settledWorld();
    const untilMs = world.clock.now() + dayMs;
    await world.change({ pausedUntilMs: untilMs });
    expect(world.scheduler.nextRuns(1)).toEqual([untilMs]);
    await world.clock.advance(dayMs - minuteMs);
    expect(world.starts).toBe(1);
    expect(world.skips).toEqual(['paused']);
    await world.clock.advance(10 * minuteMs);
    expect(world.starts).toBe(2);
  });

  it('stays paused until it is resumed', async () => {
    const world = await settledWorld();
    await world.change({ pausedUntilMs: 'forever' });
    expect(world.scheduler.nextRuns(3)).toEqual([]);
    await world.clock.advance(90 * dayMs);
    expect(world.starts).toBe(1);
    expect(world.skips).toEqual(['paused']);
    await world.change({ pausedUntilMs: undefined });
    await world.clock.advance(5 * minuteMs);
    expect(world.starts).toBe(2);
  });

  it('gives way to whatever else writes, and says so', async () => {
    const world = await settledWorld();
    world.isWriting = true;
    await world.clock.advance(8 * hourMs);
    expect(world.starts).toBe(1);
    expect(world.skips).toEqual(['busy']);
    world.isWriting = false;
    await world.clock.advance(6 * minuteMs);
    expect(world.starts).toBe(2);
  });

  it('counts a whole backup that was made by hand', async () => {
    const world = await settledWorld();
    await world.clock.advance(5 * hourMs);
    await world.manualBackup();
    expect(untilNextMs(world)).toBe(6 * hourMs);
  });

  it('keeps away from the database while Trinity prunes it', async () => {
    const world = new ScheduleWorld(Date.parse('2026-01-01T04:14:00Z'));
    await world.start();
    await world.clock.advance(28 * minuteMs);
    expect(world.starts).toBe(0);
    await world.clock.advance(10 * minuteMs);
    expect(new Date(world.last?.nowMs ?? 0).toISOString()).toBe('2026-01-01T04:45:00.000Z');
  });

  it('makes a backup at once at the start, where that was asked for', async () => {
    const world = await settledWorld();
    await world.stop();
    await world.start({ startup: true });
    expect(world.last?.trigger).toBe('startup');
    await world.clock.advance(5 * minuteMs);
    expect(world.good).toBe(2);
  });

  it('leaves the next run at its time when one is cancelled', async () => {
    const world = await settledWorld();
    await world.clock.advance(5 * hourMs + 53 * minuteMs);
    expect(world.isRunning).toBe(true);
    await world.cancelRun();
    await world.clock.advance(5.5 * hourMs);
    expect(world.starts).toBe(2);
  });

  it('goes on when what it asks throws', async () => {
    const world = await settledWorld();
    const { clock } = world;
    Object.defineProperty(world, 'isWriting', {
      configurable: true,
      get: () => {
        throw new Error('Nobody expects this.');
      },
    });
    await clock.advance(7 * hourMs);
    expect(new Set(world.problems)).toEqual(new Set(['Nobody expects this.']));
    Object.defineProperty(world, 'isWriting', { value: false });
    await clock.advance(10 * minuteMs);
    expect(world.good).toBe(2);
  });
});
