import { describe, expect, it } from 'vitest';
import type { AgentsState } from '../../../../main/backup/agents-state.ts';
import { EventBus } from '../../../../main/app/events/event-bus.ts';
import type { WatchedFacts } from '../../../../main/app/status/judged.ts';
import { StatusWatcher } from '../../../../main/app/status/status-watcher.ts';
import { FakeClock, settled } from '../../../fakes/fake-clock.ts';
import { silentLogger } from '../../../fakes/silent-logger.ts';
import { dayMs, hourMs, nowMs, statusFacts, statusSource } from '../../../fakes/status-facts.ts';

type World = {
  facts: Partial<WatchedFacts>;
  looks: number;
  fails: boolean;
  /** What a glance sees, and how often there was one. */
  seen: string;
  glances: number;
  whileLooking?: (() => void) | undefined;
  /** A look that has seen all ends after this. */
  waitsFor?: Promise<void> | undefined;
};

function watched(facts: Partial<WatchedFacts> = {}) {
  const clock = new FakeClock(nowMs);
  const events = new EventBus();
  const world: World = { facts, looks: 0, fails: false, seen: '', glances: 0 };
  const gather = async (): Promise<WatchedFacts> => {
    world.looks += 1;
    await Promise.resolve();
    if (world.fails) throw new Error('The disk is gone.');
    const found = { ...statusFacts({ ...world.facts, nowMs: clock.now() }), memory: world.facts.memory };
    world.whileLooking?.();
    await world.waitsFor;
    return found;
  };
  const glance = async (): Promise<string> => {
    world.glances += 1;
    return await Promise.resolve(world.seen);
  };
  const told: string[] = [];
  events.on('statusChanged', ({ state }) => void told.push(state));
  const watcher = new StatusWatcher({ clock, events, gather, glance, logger: silentLogger });
  return { clock, events, world, told, watcher };
}

const glanceMs = 90_000;

describe('StatusWatcher', () => {
  it('tells the state at the start, and again only when it has changed', async () => {
    const { clock, events, world, told, watcher } = watched();
    watcher.start();
    await clock.advance(0);
    expect(told).toEqual(['protected']);
    world.facts = { damage: 'Damaged.' };
    events.emit('vaultChanged', {});
    await clock.advance(1000);
    expect(told).toEqual(['protected', 'damaged']);
    events.emit('vaultChanged', {});
    await clock.advance(1000);
    expect(told).toEqual(['protected', 'damaged']);
    await watcher[Symbol.asyncDispose]();
  });

  it('looks once for many events that come together', async () => {
    const { clock, events, world, watcher } = watched();
    watcher.start();
    await clock.advance(0);
    for (let count = 0; count < 100; count += 1) events.emit('vaultChanged', {});
    await clock.advance(1000);
    expect(world.looks).toBe(2);
    await watcher[Symbol.asyncDispose]();
  });

  it('looks again when something happens while it looks', async () => {
    const { clock, events, world, told, watcher } = watched();
    watcher.start();
    world.whileLooking = () => {
      world.whileLooking = undefined;
      world.facts = { damage: 'Damaged.' };
      events.emit('vaultChanged', {});
    };
    await clock.advance(0);
    await settled();
    expect(told).toEqual(['protected', 'damaged']);
    await watcher[Symbol.asyncDispose]();
  });

  it('says stale when the objective is missed, though nothing happens', async () => {
    const sources = [statusSource('the database', { lastGoodMs: nowMs - 23.5 * hourMs })];
    const { clock, told, watcher } = watched({ sources });
    watcher.start();
    await clock.advance(0);
    await clock.advance(0.5 * hourMs);
    expect(told).toEqual(['protected']);
    await clock.advance(1);
    expect(told).toEqual(['protected', 'stale']);
    await watcher[Symbol.asyncDispose]();
  });

  it('looks once an hour when nothing happens, and never more often than once a minute', async () => {
    const { clock, world, watcher } = watched({ sources: [] });
    watcher.start();
    await clock.advance(0);
    expect(clock.untilNextMs).toBe(glanceMs);
    await clock.advance(dayMs);
    expect(world.looks).toBe(25);
    // Once an hour the look itself is in the place of a glance.
    expect(world.glances).toBe(1 + 24 * (hourMs / glanceMs - 1));
    world.facts = { pause: { untilMs: clock.now() + hourMs + 500 } };
    await clock.advance(hourMs);
    expect(clock.untilNextMs).toBe(60_000);
    await watcher[Symbol.asyncDispose]();
  });

  it('looks each five minutes while the vault is away, since no glance sees a storage elsewhere', async () => {
    const { clock, world, told, watcher } = watched({ vault: 'unusable', vaultProblem: 'No network.' });
    watcher.start();
    await clock.advance(0);
    await clock.advance(5 * 60_000);
    expect(world.looks).toBe(2);
    world.facts = {};
    await clock.advance(5 * 60_000);
    expect(told).toEqual(['waiting', 'protected']);
    await clock.advance(59 * 60_000);
    expect(world.looks).toBe(3);
    world.facts = { isSetUp: false, vault: 'absent' };
    await clock.advance(60_000);
    await clock.advance(59 * 60_000);
    expect(world.looks).toBe(4);
    await watcher[Symbol.asyncDispose]();
  });

  it('tells of agents that have come or gone, though the sentence is the same', async () => {
    const memoryOf = (...agents: readonly string[]): AgentsState => ({
      agents: agents.map((agent) => ({
        agent,
        coverage: 'covered',
        lastBackupAt: null,
        bytes: 0,
        frozenMs: 0,
        volumes: [],
      })),
      volumes: [],
      ownerless: [],
      newVolumes: [],
    });
    const { clock, world, told, watcher } = watched({ memory: memoryOf('one', 'two') });
    watcher.start();
    await clock.advance(0);
    world.seen = 'other volumes';
    world.facts = { memory: memoryOf('one') };
    await clock.advance(glanceMs);
    expect(told).toEqual(['protected', 'protected']);
    world.seen = 'others once more';
    await clock.advance(glanceMs);
    expect(told).toEqual(['protected', 'protected']);
    await watcher[Symbol.asyncDispose]();
  });

  it('looks when a glance sees something else, though nothing happens', async () => {
    const { clock, world, told, watcher } = watched();
    watcher.start();
    await clock.advance(0);
    const problem = { installProblem: { place: 'Docker', sentence: 'The engine does not answer.' } };
    for (const [seen, facts] of [
      ['no engine', problem],
      ['an engine', {}],
    ] as const) {
      world.seen = seen;
      world.facts = facts;
      await clock.advance(glanceMs);
    }
    expect(told).toEqual(['protected', 'waiting', 'protected']);
    await watcher[Symbol.asyncDispose]();
  });

  it('knows and says what was found for whoever asks', async () => {
    const { world, told, clock, watcher } = watched();
    watcher.start();
    await clock.advance(0);
    world.facts = { damage: 'Damaged.' };
    expect(await watcher.gather()).toMatchObject(world.facts);
    expect(watcher.current?.judgement.state).toBe('damaged');
    await watcher.gather();
    expect(told).toEqual(['protected', 'damaged']);
    await watcher[Symbol.asyncDispose]();
  });

  it('says nothing of numbers alone that are others each time somebody asks', async () => {
    const { world, told, clock, watcher } = watched();
    world.facts = { running: { what: 'backup', percent: 1 } };
    watcher.start();
    await clock.advance(0);
    world.facts = { running: { what: 'backup', percent: 2 } };
    await watcher.gather();
    expect(watcher.current?.judgement.sentence).toContain('2 %');
    expect(told).toEqual(['running']);
    for (const freeBytes of [3000, 2000]) {
      world.facts = { space: { freeBytes, neededBytes: 5000 } };
      await watcher.gather();
    }
    expect(told).toEqual(['running', 'protected']);
    await watcher[Symbol.asyncDispose]();
  });

  it('lets what was found later stand, when an earlier gathering ends after it', async () => {
    const { world, told, clock, watcher } = watched();
    watcher.start();
    await clock.advance(0);
    const later = Promise.withResolvers<void>();
    world.whileLooking = () => {
      world.whileLooking = undefined;
      world.waitsFor = later.promise;
    };
    const early = watcher.gather();
    await settled();
    world.facts = { damage: 'Damaged.' };
    world.waitsFor = undefined;
    await watcher.gather();
    later.resolve();
    await early;
    expect([told, watcher.current?.judgement.state]).toEqual([['protected', 'damaged'], 'damaged']);
    await watcher[Symbol.asyncDispose]();
  });

  it('tells each minute what ages by words alone, and not as another state when somebody asks then', async () => {
    const sources = [statusSource('the database', { lastGoodMs: nowMs, provenMs: nowMs })];
    const { clock, events, told, watcher } = watched({ sources });
    const aged: string[] = [];
    events.on('statusAged', ({ sentence }) => void aged.push(sentence));
    watcher.start();
    await clock.advance(0);
    for (let minutes = 1; minutes <= 3; minutes += 1) {
      await clock.advance(60_000);
      await watcher.gather();
    }
    expect(new Set(aged).size).toBe(3);
    expect(told).toEqual(['protected']);
    await watcher[Symbol.asyncDispose]();
  });

  it('keeps the last judgement when it cannot look, and goes on', async () => {
    const { clock, world, told, watcher } = watched();
    watcher.start();
    await clock.advance(0);
    world.fails = true;
    await clock.advance(hourMs);
    expect(watcher.current?.judgement.state).toBe('protected');
    world.fails = false;
    world.facts = { damage: 'Damaged.' };
    await clock.advance(hourMs);
    expect(told.at(-1)).toBe('damaged');
    await watcher[Symbol.asyncDispose]();
  });

  it('is behind from the end of a run until it has judged, and says so though nothing is another', async () => {
    const { clock, events, world, told, watcher } = watched();
    const aged: string[] = [];
    events.on('statusAged', ({ sentence }) => void aged.push(sentence));
    watcher.start();
    await clock.advance(0);
    for (const fails of [false, true]) {
      world.fails = fails;
      const run = { runId: String(fails), what: 'backup', startedMs: nowMs } as const;
      events.emit('runFinished', { ...run, finishedMs: nowMs, outcome: 'succeeded' });
      expect(watcher.isBehind).toBe(true);
      await clock.advance(1000);
      expect(watcher.isBehind).toBe(false);
    }
    expect([told, aged.length]).toEqual([['protected'], 2]);
    await watcher[Symbol.asyncDispose]();
  });

  it('says nothing and plans nothing more, when it ends while it looks', async () => {
    const { clock, told, watcher } = watched();
    watcher.start();
    const advanced = clock.advance(0);
    const ended = watcher[Symbol.asyncDispose]();
    await Promise.all([advanced, ended]);
    expect(told).toEqual([]);
    expect(clock.untilNextMs).toBe(Infinity);
  });

  it('does nothing more when it has ended', async () => {
    const { clock, events, world, watcher } = watched();
    watcher.start();
    await clock.advance(0);
    await watcher[Symbol.asyncDispose]();
    events.emit('vaultChanged', {});
    await clock.advance(dayMs);
    await settled();
    expect(world.looks).toBe(1);
  });
});
