import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Engine } from '../../../../main/app/engine.ts';
import { UpkeepScheduler } from '../../../../main/app/upkeep/upkeep-scheduler.ts';
import type { Run } from '../../../../shared/model/history.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { tinyEngine, unwatched } from '../../../helpers/tiny-engine.ts';
import { runOperation } from '../../../../main/app/operations/run-operation.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

type Lab = Readonly<{
  engine: Engine;
  clock: FakeClock;
  home: string;
  vault: string;
  problems: readonly string[];
  pass: (ms: number) => Promise<void>;
  upkeep: () => UpkeepScheduler;
  /** Ends it and starts another one in the same home. */
  restart: () => Promise<void>;
  runs: (operation: string) => Promise<readonly Run[]>;
}>;

/** One backup made, and upkeep just started. */
async function startUpkeep(
  options: Readonly<{ isEntitled?: boolean; enabled?: boolean }> = {},
): Promise<Lab> {
  const clock = new FakeClock(Date.now());
  const { engine, base, vault } = await tinyEngine({ ...options, now: clock.now });
  await enable(engine, options.enabled ?? true);
  await runOperation(engine, 'backup', {}, unwatched);
  const problems: string[] = [];
  const start = (): UpkeepScheduler => {
    const started = new UpkeepScheduler({ engine, clock, onProblem: (message) => problems.push(message) });
    started.start();
    return started;
  };
  let upkeep = start();
  const stop = async (): Promise<void> => await upkeep[Symbol.asyncDispose]();
  onTestFinished(stop);
  const restart = async (): Promise<void> => {
    await stop();
    upkeep = start();
  };
  const pass = async (ms: number): Promise<void> => {
    // In steps, so that what a timer began can end before the next is due.
    for (let left = ms; left > 0; left -= Math.min(left, clock.untilNextMs, hourMs)) {
      await clock.advance(Math.min(left, clock.untilNextMs, hourMs));
      await upkeep.idle();
    }
  };
  const runs = async (operation: string): Promise<readonly Run[]> =>
    (await engine.catalog()).runs(100, operation);
  const home = path.join(base, 'home');
  return { engine, clock, home, vault, problems, pass, upkeep: () => upkeep, restart, runs };
}

async function enable(engine: Engine, enabled: boolean): Promise<void> {
  await engine.settings.change((settings) => ({ ...settings, backup: { ...settings.backup, enabled } }));
  engine.events.emit('settingsChanged', { names: ['enabled'] });
}

describe('UpkeepScheduler', () => {
  it('rehearses and reads a sample when that is due, and says first what it takes', async () => {
    const { engine, pass, runs, problems } = await startUpkeep();
    await pass(10 * minuteMs);
    const [drill] = await runs('drill');
    expect(drill).toMatchObject({ trigger: 'scheduled', outcome: 'succeeded', failedSources: [] });
    expect(await runs('verify')).toMatchObject([{ outcome: 'succeeded' }]);
    const { events } = await runOperation(engine, 'events', { limit: 100, filter: {} }, unwatched);
    const planned = events.find(({ code }) => code === 'drill-planned');
    expect(planned?.words).toMatch(/5 sources, .* to restore and throw away again; .* are free\./u);
    expect((await runOperation(engine, 'status', {}, unwatched)).state).not.toBe('unproven');

    await pass(23 * hourMs);
    expect([(await runs('drill')).length, (await runs('verify')).length]).toEqual([1, 1]);
    await pass(2 * hourMs);
    expect([(await runs('drill')).length, (await runs('verify')).length]).toEqual([1, 2]);
    expect(problems).toEqual([]);
  });

  it('does nothing twice for a restart (T12) or an edited setting (T13), and catches up once after a sleep', async () => {
    const { engine, clock, pass, restart, runs } = await startUpkeep();
    await pass(10 * minuteMs);
    await restart();
    await runOperation(engine, 'settingsSet', { path: ['drill', 'everyDays'], value: 6 }, unwatched);
    engine.events.emit('settingsChanged', { names: ['drill'] });
    await pass(20 * minuteMs);
    expect([(await runs('drill')).length, (await runs('verify')).length]).toEqual([1, 1]);
    clock.sleep(5 * 24 * hourMs);
    await pass(3 * hourMs);
    expect([(await runs('drill')).length, (await runs('verify')).length]).toEqual([1, 2]);
    clock.sleep(2 * 24 * hourMs);
    await pass(3 * hourMs);
    expect([(await runs('drill')).length, (await runs('verify')).length]).toEqual([2, 3]);
  });

  it('rotates its samples through all parts, over restarts', async () => {
    const { engine, pass, home } = await startUpkeep({ isEntitled: false });
    const parts: number[] = [];
    for (let day = 0; day < 3; day += 1) {
      await pass(24 * hourMs);
      parts.push(JSON.parse(readFileSync(path.join(home, 'upkeep.json'), 'utf8')).nextSamplePart);
    }
    expect(parts).toEqual([1, 2, 3]);
    // A sample by hand counts too.
    await runOperation(engine, 'verify', { data: 'sample' }, unwatched);
    expect((await engine.upkeep.read((await engine.vault()).id)).nextSamplePart).toBe(4);
    writeFileSync(path.join(home, 'upkeep.json'), '{"cut');
    expect((await runOperation(engine, 'verify', { data: 'sample' }, unwatched)).ok).toBe(true);
  });

  it('gives way to a backup, which is never refused, and goes on afterwards', async () => {
    const { engine, clock, pass, runs, home } = await startUpkeep();
    const begun = new Promise<void>((resolve) => {
      engine.events.on('runStarted', ({ what }) => {
        if (what === 'drill') resolve();
      });
    });
    await clock.advance(5 * minuteMs);
    await begun;
    // The backup neither waits for the rehearsal nor is refused.
    const { incomplete } = await runOperation(engine, 'backup', {}, unwatched);
    expect(incomplete).toBe(false);
    await pass(1);
    expect((await runs('drill')).map(({ outcome }) => outcome)).toEqual(['cancelled']);
    expect(readdirSync(path.join(home, 'scratch'))).toEqual([]);
    await pass(2 * minuteMs);
    expect((await runs('drill')).map(({ outcome }) => outcome)).toEqual(['succeeded', 'cancelled']);
  });

  it('gives way when the machine falls asleep, and goes on a minute after it woke up', async () => {
    const { engine, clock, pass, runs, upkeep } = await startUpkeep();
    const begun = new Promise<void>((resolve) => {
      engine.events.on('runStarted', ({ what }) => {
        if (what === 'drill') resolve();
      });
    });
    await clock.advance(5 * minuteMs);
    await begun;
    upkeep().rest();
    await upkeep().idle();
    await pass(2 * hourMs);
    expect((await runs('drill')).map(({ outcome }) => outcome)).toEqual(['cancelled']);
    upkeep().wake();
    await pass(minuteMs);
    expect((await runs('drill')).map(({ outcome }) => outcome)).toEqual(['succeeded', 'cancelled']);
  });

  it('rests while backups are switched off (T19), and begins when they are switched on', async () => {
    const { engine, pass, runs, home, vault } = await startUpkeep({ enabled: false });
    const proofs = (): readonly string[] =>
      readdirSync(path.join(vault, 'marks')).filter((name) => name.startsWith('proof-'));
    await pass(30 * hourMs);
    expect([(await runs('drill')).length, (await runs('verify')).length]).toEqual([0, 0]);
    expect([proofs(), existsSync(path.join(home, 'upkeep.json'))]).toEqual([[], false]);
    await enable(engine, true);
    await pass(10 * minuteMs);
    expect([(await runs('drill')).length, (await runs('verify')).length]).toEqual([1, 1]);
  });

  it('only reads samples in an edition without rehearsals', async () => {
    const { pass, runs } = await startUpkeep({ isEntitled: false });
    await pass(26 * hourMs);
    expect([(await runs('drill')).length, (await runs('verify')).length]).toEqual([0, 2]);
  });

  it('skips what there is no time for, with the reason in the history, and tries again the next day', async () => {
    const { engine, pass, runs } = await startUpkeep();
    await runOperation(engine, 'settingsSet', { path: ['drill', 'maxMinutes'], value: 1 }, unwatched);
    // As if the last rehearsal had been endlessly slow.
    const catalog = await engine.catalog();
    const day = 24 * hourMs;
    catalog.recordRun({
      operation: 'drill',
      startedMs: Date.now() - 40 * day,
      finishedMs: Date.now() - 30 * day,
      outcome: 'succeeded',
      bytes: 1,
      failedSources: [],
    });
    await pass(10 * minuteMs);
    const [drill] = await runs('drill');
    expect(drill).toMatchObject({
      outcome: 'skipped',
      skipReason: 'too-large',
      message: expect.stringMatching(/would take about/u),
    });
    const { sources } = await runOperation(engine, 'runDetails', { runId: drill?.id ?? 0 }, unwatched);
    expect(sources.map(({ outcome }) => outcome)).toEqual([
      'skipped',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ]);
    await pass(25 * hourMs);
    expect((await runs('drill')).map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'succeeded']);
  });

  it('waits while the vault is away, and tells nothing that the state does not tell', async () => {
    const { pass, runs, vault, problems } = await startUpkeep();
    rmSync(vault, { recursive: true });
    await pass(5 * hourMs);
    expect([await runs('verify'), problems]).toEqual([[], []]);
  });

  it('never has a timer of less than a minute', async () => {
    const { clock } = await startUpkeep();
    expect(clock.untilNextMs).toBeGreaterThanOrEqual(minuteMs);
    for (let hour = 0; hour < 30; hour += 1) {
      await clock.advance(hourMs);
      expect(clock.untilNextMs).toBeGreaterThanOrEqual(minuteMs);
    }
  });
});
