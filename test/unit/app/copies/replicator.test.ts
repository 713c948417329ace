import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { homeSettings } from '../../../../shared/model/settings.ts';
import { Replicator } from '../../../../main/app/copies/replicator.ts';
import type { ReplicatorParts } from '../../../../main/app/copies/replicator.ts';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import { FakeClock, settled } from '../../../fakes/fake-clock.ts';

const minuteMs = 60_000;

/** A home with these copies; each run of one waits for what the test has it do. */
class World {
  readonly clock = new FakeClock(Date.UTC(2026, 0, 1));
  readonly events = new EventBus();
  readonly runs: string[] = [];
  readonly problems: string[] = [];
  copies: Record<string, unknown> = {};
  writing: ReplicatorParts['engine']['writing'];
  /** How a run ends; it goes on until then. */
  ending: (name: string, signal: AbortSignal) => Promise<void> = async () => undefined;
  readonly replicator: Replicator;

  constructor(...names: readonly string[]) {
    for (const name of names) this.copies[name] = { location: `/copies/${name}` };
    const engine = {
      events: this.events,
      settings: {
        read: async () => ({ settings: homeSettings.parse({ version: 1, backup: { copies: this.copies } }) }),
      },
    };
    Object.defineProperty(engine, 'writing', { get: () => this.writing });
    // The part of an engine that is used.
    const used = engine as unknown as ReplicatorParts['engine'];
    this.replicator = new Replicator({
      engine: used,
      clock: this.clock,
      copy: async (name, signal) => {
        this.runs.push(name);
        await this.ending(name, signal);
      },
      onProblem: (message) => this.problems.push(message),
    });
    onTestFinished(async () => await this.replicator[Symbol.asyncDispose]());
  }

  async start(): Promise<void> {
    this.replicator.start();
    await this.clock.advance(minuteMs);
    await settled();
  }

  async change(): Promise<void> {
    this.events.emit('vaultChanged', {});
    await settled();
    await settled();
  }

  fail(kind: AppError['kind'] = 'unavailable'): void {
    this.ending = async () => {
      throw new AppError(kind, 'It is away.');
    };
  }
}

/** Runs until it is cancelled. */
async function untilCancelled(_name: string, signal: AbortSignal): Promise<void> {
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

describe('Replicator', () => {
  it('copies soon after the start, then after each change, and has no timer while nothing is due', async () => {
    const world = new World('nas', 'disk');
    await world.start();
    expect(world.runs).toEqual(['nas', 'disk']);
    expect(world.clock.untilNextMs).toBe(Infinity);
    await world.change();
    expect(world.runs).toEqual(['nas', 'disk', 'nas', 'disk']);
    expect(world.clock.untilNextMs).toBe(Infinity);
  });

  it('waits until whatever changes the vault has ended', async () => {
    const world = new World('nas');
    await world.start();
    world.writing = { what: 'backup', startedAtMs: 0 };
    await world.change();
    expect(world.runs).toHaveLength(1);
    world.writing = undefined;
    await world.change();
    expect(world.runs).toHaveLength(2);
  });

  it('tries one that is away ever more rarely, never more often than once a minute, and again at once when it is back', async () => {
    const world = new World('nas', 'disk');
    world.ending = async (name) => {
      if (name === 'nas') throw new AppError('unavailable', 'It is away.');
    };
    await world.start();
    const waits: number[] = [];
    for (let times = 0; times < 5; times += 1) {
      waits.push(world.clock.untilNextMs / minuteMs);
      await world.clock.advance(world.clock.untilNextMs);
      await settled();
    }
    expect(waits).toEqual([1, 5, 15, 60, 60]);
    expect(world.runs.filter((name) => name === 'disk')).toHaveLength(1);
    // A change makes the other one due, not this one any sooner.
    await world.change();
    expect(world.runs.filter((name) => name === 'disk')).toHaveLength(2);
    world.ending = async () => undefined;
    await world.clock.advance(60 * minuteMs);
    await settled();
    expect(world.clock.untilNextMs).toBe(Infinity);
    world.fail();
    await world.change();
    expect(world.clock.untilNextMs).toBe(minuteMs);
  });

  it('does not miss what changes while it copies', async () => {
    const world = new World('nas');
    const ends: (() => void)[] = [];
    world.ending = async () => await new Promise((resolve) => ends.push(resolve));
    await world.start();
    await world.change();
    expect(world.runs).toHaveLength(1);
    ends[0]?.();
    await settled();
    await settled();
    expect(world.runs).toHaveLength(2);
    ends[1]?.();
    await world.replicator.idle();
    expect(world.runs).toHaveLength(2);
  });

  it('gives way to a restore, and goes on after it without delay', async () => {
    const world = new World('nas');
    world.ending = untilCancelled;
    await world.start();
    world.writing = { what: 'restore', startedAtMs: 0 };
    world.events.emit('runStarted', { runId: 'r', what: 'restore', startedMs: 0 });
    await world.replicator.idle();
    world.writing = undefined;
    world.ending = async () => undefined;
    await world.change();
    expect(world.runs).toHaveLength(2);
    expect(world.clock.untilNextMs).toBe(Infinity);
  });

  it('writes to two at once, the others after them; and to none that is off or gone', async () => {
    const world = new World('a', 'b', 'c');
    world.copies['d'] = { location: '/copies/d', enabled: false };
    const ends = new Map<string, () => void>();
    world.ending = async (name) => await new Promise((resolve) => ends.set(name, resolve));
    await world.start();
    expect(world.runs).toEqual(['a', 'b']);
    ends.get('a')?.();
    await settled();
    await settled();
    expect(world.runs).toEqual(['a', 'b', 'c']);
    delete world.copies['a'];
    await world.change();
    for (const end of ends.values()) end();
    await settled();
    expect(world.runs.filter((name) => name === 'a' || name === 'd')).toEqual(['a']);
    for (const end of ends.values()) end();
    await settled();
    for (const end of ends.values()) end();
  });

  it('takes up a copy that is added, and none for other settings', async () => {
    const world = new World();
    await world.start();
    world.copies['nas'] = { location: '/copies/nas' };
    world.events.emit('settingsChanged', { names: ['trashDays'] });
    await settled();
    expect(world.runs).toEqual([]);
    world.events.emit('settingsChanged', { names: ['copies'] });
    await settled();
    expect(world.runs).toEqual(['nas']);
  });

  it('ends what it has begun when it is stopped, and begins nothing more', async () => {
    const world = new World('nas');
    world.ending = untilCancelled;
    await world.start();
    await world.replicator[Symbol.asyncDispose]();
    await world.change();
    expect(world.runs).toEqual(['nas']);
    expect(world.clock.untilNextMs).toBe(Infinity);
    expect(world.problems).toEqual([]);
  });

  it('gives way when the machine falls asleep, begins nothing until it wakes, and goes on then', async () => {
    const world = new World('nas');
    world.ending = untilCancelled;
    await world.start();
    expect(world.runs).toEqual(['nas']);
    world.replicator.rest();
    await world.replicator.idle();
    await world.change();
    world.clock.sleep(600 * minuteMs);
    await world.clock.advance(minuteMs);
    expect(world.runs).toEqual(['nas']);
    world.ending = async () => undefined;
    world.replicator.wake();
    await world.replicator.idle();
    expect(world.runs).toEqual(['nas', 'nas']);
  });
});
