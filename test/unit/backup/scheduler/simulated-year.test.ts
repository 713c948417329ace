import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertNever } from '../../../../shared/lib/assert-never.ts';
import { dayMs, hourMs, minuteMs, ScheduleWorld, type Weather } from '../../../fakes/schedule-world.ts';
import { heapAfterCollection } from '../../../helpers/heap.ts';

/** TRINITY_TEST_SEED tries another year. */
const seed = Number(process.env['TRINITY_TEST_SEED'] ?? 20_261_122);
/** A few minutes each: to settle, to look again, to notice sleep; and half an hour for Trinity's database. */
const slackMs = 50 * minuteMs;

type Step =
  | Readonly<{ kind: 'pass' | 'sleep' | 'jump' | 'off'; ms: number }>
  | Readonly<{ kind: 'weather'; weather: Weather }>
  | Readonly<{ kind: 'interval' | 'pause' | 'duration'; ms: number }>
  | Readonly<{
      kind: 'enable' | 'disable' | 'resume' | 'kill' | 'manual' | 'cancel' | 'forever' | 'startup';
    }>;

const span = (leastMs: number, mostMs: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.round(leastMs / 1000), max: Math.round(mostMs / 1000) }).map((s) => s * 1000);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: span(minuteMs, 12 * hourMs).map((ms) => ({ kind: 'pass', ms }) as const) },
  { weight: 8, arbitrary: span(minuteMs, 3 * dayMs).map((ms) => ({ kind: 'sleep', ms }) as const) },
  { weight: 4, arbitrary: span(-40 * dayMs, 40 * dayMs).map((ms) => ({ kind: 'jump', ms }) as const) },
  { weight: 4, arbitrary: span(minuteMs, 2 * dayMs).map((ms) => ({ kind: 'off', ms }) as const) },
  {
    weight: 12,
    arbitrary: fc
      .constantFrom<Weather>('fine', 'fine', 'fine', 'away', 'full', 'broken source', 'other host')
      .map((weather) => ({ kind: 'weather', weather }) as const),
  },
  { weight: 3, arbitrary: span(hourMs, 168 * hourMs).map((ms) => ({ kind: 'interval', ms }) as const) },
  { weight: 2, arbitrary: span(minuteMs, 2 * dayMs).map((ms) => ({ kind: 'pause', ms }) as const) },
  { weight: 2, arbitrary: span(minuteMs, 9 * hourMs).map((ms) => ({ kind: 'duration', ms }) as const) },
  {
    weight: 14,
    arbitrary: fc
      .constantFrom<'enable' | 'disable' | 'resume' | 'kill' | 'manual' | 'cancel' | 'forever' | 'startup'>(
        'enable',
        'enable',
        'disable',
        'resume',
        'resume',
        'forever',
        'kill',
        'manual',
        'cancel',
        'startup',
      )
      .map((kind) => ({ kind })),
  },
);

/** Applies a step. Runs that begin while a setting is being changed are no business of the step: there are none. */
async function apply(world: ScheduleWorld, at: Step): Promise<void> {
  const { starts } = world;
  switch (at.kind) {
    case 'pass':
      return await world.clock.advance(at.ms);
    case 'sleep':
      return world.clock.sleep(at.ms);
    case 'jump':
      return world.clock.jump(at.ms);
    case 'weather':
      world.weather = at.weather;
      return;
    case 'duration':
      world.durationMs = at.ms;
      return;
    case 'manual':
      return await world.manualBackup();
    case 'cancel':
      return await world.cancelRun();
    case 'off':
    case 'kill':
    case 'startup':
      return await restart(world, at);
    case 'interval':
    case 'pause':
    case 'forever':
    case 'resume':
    case 'enable':
    case 'disable':
      await world.change(changeOf(at, world.clock.now()));
      if (world.starts > starts) throw new Error(`A change of a setting (${at.kind}) started a backup.`);
      return;
    default:
      return assertNever(at);
  }
}

async function restart(world: ScheduleWorld, at: Step): Promise<void> {
  await (at.kind === 'kill' ? world.kill() : world.stop());
  if (at.kind === 'off') world.clock.sleep(at.ms);
  const isFree = world.settings.pausedUntilMs === undefined;
  await world.start({ startup: at.kind === 'startup' && isFree });
}

function changeOf(at: Step, nowMs: number): Partial<ScheduleWorld['settings']> {
  if (at.kind === 'interval') return { intervalMs: Math.ceil(at.ms / hourMs) * hourMs };
  if (at.kind === 'pause') return { pausedUntilMs: nowMs + at.ms };
  if (at.kind === 'forever') return { pausedUntilMs: 'forever' };
  if (at.kind === 'resume') return { pausedUntilMs: undefined };
  return { isOn: at.kind === 'enable' };
}

/** What holds after every step, whatever happened; the world itself refuses runs that must not be. */
class Invariants {
  readonly #world: ScheduleWorld;
  #seen = { fineSinceMs: 0, starts: 0, good: 0, wakes: 0, elapsedMs: 0, skips: 0 };

  constructor(world: ScheduleWorld) {
    this.#world = world;
  }

  check(at: Step): void {
    const world = this.#world;
    expect(world.problems).toEqual([]);
    this.#checkNext();
    this.#checkWakes();
    this.#checkSkips();
    this.#checkStarts(at);
    this.#checkLiveness(at);
    this.#seen = {
      ...this.#seen,
      starts: world.starts,
      good: world.good,
      wakes: world.wakes,
      elapsedMs: world.clock.elapsed(),
      skips: world.skips.length,
    };
  }

  /** People are told of a run that is at most an interval away, and of none where there is none. */
  #checkNext(): void {
    const { settings, scheduler, clock, isRunning } = this.#world;
    const next = scheduler.nextRuns(3);
    expect(next).toEqual(next.toSorted((left, right) => left - right));
    if (!settings.isOn || settings.pausedUntilMs === 'forever') {
      expect(next).toEqual([]);
      return;
    }
    expect(next).toHaveLength(3);
    // After a jump it is told anew within five minutes, by which the jump is noticed.
    const pausedMs = settings.pausedUntilMs ?? 0;
    if (pausedMs > clock.now()) expect(next[0]).toBeGreaterThanOrEqual(pausedMs);
    else if (isRunning) expect(next[0]).toBeGreaterThan(clock.now());
  }

  #checkWakes(): void {
    const passedMs = this.#world.clock.elapsed() - this.#seen.elapsedMs;
    const wakes = this.#world.wakes - this.#seen.wakes;
    expect(wakes).toBeLessThanOrEqual(2 + passedMs / minuteMs / 2);
  }

  /** What was skipped is recorded once for each cause, not each time it is looked at. */
  #checkSkips(): void {
    const { starts, skips } = this.#world;
    const fresh = skips.length - this.#seen.skips;
    expect(fresh).toBeLessThanOrEqual(3 + 2 * (starts - this.#seen.starts));
  }

  /** One run makes up for all that was missed; failures are tried again with patience. */
  #checkStarts(at: Step): void {
    const world = this.#world;
    const starts = world.starts - this.#seen.starts;
    const passedMs = at.kind === 'pass' ? at.ms : 0;
    // Back-off begins at five minutes and doubles; busy places are looked after every five.
    const patience = world.weather === 'other host' ? 5 * minuteMs : 25 * minuteMs;
    const good = world.good - this.#seen.good;
    expect(good).toBeLessThanOrEqual(2 + (passedMs / Math.min(world.settings.intervalMs, 6 * hourMs)) * 6);
    expect(starts).toBeLessThanOrEqual(4 + passedMs / patience);
  }

  /** While nothing stands in the way, there is a good backup within the interval, with some slack. */
  #checkLiveness(at: Step): void {
    const world = this.#world;
    const elapsedMs = world.clock.elapsed();
    const { isOn, pausedUntilMs, intervalMs } = world.settings;
    const isCalm = at.kind === 'pass' && world.weather === 'fine' && isOn && pausedUntilMs === undefined;
    // Asleep, switched off or killed, nobody makes backups; cancelling puts one off.
    if (!isCalm) this.#seen.fineSinceMs = elapsedMs;
    const sinceMs = Math.max(this.#seen.fineSinceMs, world.lastEndElapsedMs);
    if (!world.isRunning) expect(elapsedMs - sinceMs).toBeLessThanOrEqual(intervalMs + slackMs);
  }
}

/** A year of these steps, over and over. */
async function live(steps: readonly Step[], days: number): Promise<ScheduleWorld> {
  const world = new ScheduleWorld();
  const invariants = new Invariants(world);
  await world.start();
  const untilMs = days * dayMs;
  for (let index = 0; world.clock.elapsed() < untilMs; index += 1) {
    const at = steps[index % steps.length] ?? { kind: 'pass', ms: hourMs };
    await apply(world, at);
    invariants.check(at);
  }
  await world.stop();
  return world;
}

const manySteps = { minLength: 200, maxLength: 400 };
const passes = (steps: readonly Step[]): boolean => steps.some(({ kind }) => kind === 'pass');

describe(`a simulated year (seed ${seed})`, () => {
  it('breaks no promise of the schedule, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, manySteps).filter(passes), async (steps) => {
        await live(steps, 365);
      }),
      { seed, numRuns: 8, endOnFailure: true },
    );
  });

  it('makes a backup every six hours when nothing happens', async () => {
    const world = await live([{ kind: 'pass', ms: hourMs }], 365);
    expect(world.good).toBeGreaterThanOrEqual(365 * 4 - 2);
    expect(world.good).toBeLessThanOrEqual(365 * 4 + 1);
    expect(world.skips).toEqual([]);
  });

  it('needs no more memory at its end than after its first month', async () => {
    const world = new ScheduleWorld();
    await world.start();
    const some = fc.sample(step, { seed, numRuns: 300 });
    const month = async (): Promise<void> => {
      const untilMs = world.clock.elapsed() + 30 * dayMs;
      for (let index = 0; world.clock.elapsed() < untilMs; index += 1) {
        await apply(world, some[index % some.length] ?? { kind: 'pass', ms: hourMs });
      }
      world.skips.length = 0;
    };
    await month();
    const before = heapAfterCollection();
    for (let number = 1; number < 12; number += 1) await month();
    expect(heapAfterCollection() - before).toBeLessThan(1_000_000);
    expect(world.clock.timers).toBeLessThanOrEqual(2);
  });
});
