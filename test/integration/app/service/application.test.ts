import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type CommandLab, Pause, sharedLab } from '../../../helpers/command-lab.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { RunningApplication, useHere } from '../../../helpers/running-application.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const shared = sharedLab();

type Started = Readonly<{ lab: CommandLab; app: RunningApplication }>;

async function started(settings: Readonly<Record<string, unknown>> = {}): Promise<Started> {
  const lab = await shared().copy();
  edit(lab, (backup) => ({ ...backup, onShutdown: false, ...settings }));
  return { lab, app: await RunningApplication.start(lab) };
}

/** As a person with an editor does. */
function edit(lab: CommandLab, change: (backup: Record<string, unknown>) => unknown): void {
  const file = path.join(lab.home, 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as { backup: Record<string, unknown> }; // ours
  writeFileSync(file, JSON.stringify({ ...settings, backup: change(settings.backup) }));
}

const listed = async (app: RunningApplication) => (await app.run('list', { trashed: false })).backups;

const nextRun = async (app: RunningApplication): Promise<number> =>
  Date.parse((await app.run('schedule', {})).nextRuns[0] ?? '') - app.clock.now();

describe('the schedule of an application', () => {
  it('makes its first backup soon, shows the next three, and makes them', async () => {
    const { app } = await started();
    expect(await app.run('schedule', {})).toMatchObject({ state: 'running', everyHours: 6 });
    await app.advance(2 * minuteMs);
    const { nextRuns, lastSuccessAt } = await app.run('schedule', {});
    expect(nextRuns.map((at) => at.slice(11, 16))).toEqual(['18:02', '00:02', '06:02']);
    expect(lastSuccessAt).toBe('2026-03-02T12:02:00.000Z');
    await app.advance(6 * hourMs);
    expect(await app.history()).toEqual(['scheduled succeeded', 'scheduled succeeded']);
    expect(await app.run('status', {})).toMatchObject({ state: 'unproven' });
  });

  it('tells of each run: its start, its progress, its end', async () => {
    const { app } = await started();
    await app.advance(2 * minuteMs);
    const names = app.events.map(({ name }) => name);
    expect(names.filter((name) => name === 'runStarted' || name === 'runFinished')).toEqual([
      'runStarted',
      'runFinished',
    ]);
    expect(names).toContain('runProgress');
    expect(app.events).toContainEqual({
      name: 'runFinished',
      event: expect.objectContaining({ what: 'backup', trigger: 'scheduled', outcome: 'succeeded' }),
    });
    expect(app.events.filter(({ name }) => name === 'scheduleChanged').length).toBeGreaterThan(1);
  });

  it('goes on where it was after a restart', async () => {
    const { app } = await started();
    await app.advance(2 * minuteMs);
    await app.application.stop();
    await app.start();
    expect(await nextRun(app)).toBe(6 * hourMs);
    expect(await app.history()).toEqual(['scheduled succeeded']);
  });

  it('waits for a disk that is away, says so once, and goes on when it is back', async () => {
    const { lab, app } = await started();
    await app.advance(2 * minuteMs);
    renameSync(lab.vault, `${lab.vault}-away`);
    await app.advance(6 * hourMs);
    for (const _ of [1, 2, 3]) await app.advance(5 * minuteMs);
    expect(await app.history()).toEqual(['scheduled skipped waiting', 'scheduled succeeded']);
    expect(await app.run('status', {})).toMatchObject({ state: 'waiting' });
    renameSync(`${lab.vault}-away`, lab.vault);
    await app.advance(5 * minuteMs);
    expect((await app.history())[0]).toBe('scheduled succeeded');
  });

  it('counts a whole backup that somebody asked for, and not one of a part', async () => {
    const { app } = await started();
    await app.advance(2 * minuteMs);
    await app.clock.advance(hourMs);
    await app.run('backup', { only: ['config'] });
    expect(await nextRun(app)).toBe(5 * hourMs);
    await app.run('backup', {});
    expect(await nextRun(app)).toBe(6 * hourMs);
  });

  it('is off where it is not entitled, and backing up by hand goes on', async () => {
    vi.stubEnv('TRINITY_OSS_ONLY', '1');
    const { app } = await started({ onStartup: true, onShutdown: true });
    await app.advance(12 * hourMs);
    await app.run('backup', {});
    await app.clock.advance(2 * hourMs);
    await app.application.stop();
    await app.start();
    expect(await app.history()).toEqual(['manual succeeded']);
  });
});

describe('changed settings', () => {
  it('move the next run, and start no backup', async () => {
    const { app } = await started();
    await app.advance(2 * minuteMs);
    await app.clock.advance(5 * hourMs);
    app.events.length = 0;
    await app.run('settingsSet', { path: ['scheduleHours'], value: 3 });
    await app.until(async () => (await nextRun(app)) === hourMs);
    expect(app.events).toContainEqual({ name: 'settingsChanged', event: { names: ['scheduleHours'] } });
    await app.advance(10 * minuteMs);
    expect(await app.history()).toHaveLength(1);
  });

  it('stop and start the schedule', async () => {
    const { app } = await started();
    await app.advance(2 * minuteMs);
    await app.run('settingsSet', { path: ['enabled'], value: false });
    await app.until(async () => (await app.run('schedule', {})).nextRuns.length === 0);
    expect(await app.run('schedule', {})).toMatchObject({ state: 'off' });
    await app.advance(24 * hourMs);
    expect(await app.history()).toHaveLength(1);
    await app.run('settingsSet', { path: ['enabled'], value: true });
    await app.until(async () => (await app.run('schedule', {})).nextRuns.length === 3);
    await app.advance(2 * minuteMs);
    expect((await app.history())[0]).toBe('scheduled succeeded');
  });

  it('pause and resume', async () => {
    const { app } = await started();
    await app.advance(2 * minuteMs);
    expect(await app.run('pause', {})).toMatchObject({ isPaused: true, pausedUntil: null });
    await app.until(async () => (await app.run('schedule', {})).nextRuns.length === 0);
    expect(await app.run('status', {})).toMatchObject({ sentence: expect.stringMatching(/^Paused|^Backed/) });
    await app.advance(7 * hourMs);
    expect(await app.history()).toEqual(['scheduled skipped paused', 'scheduled succeeded']);
    await app.run('resume', {});
    await app.until(async () => (await app.run('schedule', {})).nextRuns.length === 3);
    await app.advance(2 * minuteMs);
    expect((await app.history())[0]).toBe('scheduled succeeded');
    const past = await rejectionOf(app.run('pause', { until: '2020-01-01T00:00:00Z' }));
    expect(past).toMatchObject({ kind: 'usage' });
  });

  it('count as they are in the file, when several come at once', async () => {
    const { app } = await started();
    await app.advance(2 * minuteMs);
    const hours = [12, 1, 168, 24, 48];
    await Promise.all(
      hours.map(async (value) => await app.run('settingsSet', { path: ['scheduleHours'], value })),
    );
    await app.until(async () => (await nextRun(app)) === 48 * hourMs);
    expect(await app.run('settingsGet', { path: ['scheduleHours'] })).toBe(48);
  });

  it('are used by the next run: what is left out, and how it is stored', async () => {
    const { app } = await started();
    await app.run('settingsSet', { path: ['include'], value: ['config'] });
    await app.advance(2 * minuteMs);
    const [backup] = await listed(app);
    expect(backup).toMatchObject({ trigger: 'scheduled', components: ['config'] });
  });

  it('are seen when a person edits the file', async () => {
    const { lab, app } = await started();
    await app.advance(2 * minuteMs);
    edit(lab, (backup) => ({ ...backup, scheduleHours: 24 }));
    await app.until(async () => {
      await app.clock.advance(1000);
      return (await nextRun(app)) > 20 * hourMs;
    });
    expect(app.notices).toEqual([]);
  });

  it('of the place of the vault are not used before it opens, and leave the old one listed', async () => {
    const { lab, app } = await started();
    await app.advance(2 * minuteMs);
    const place = async (): Promise<unknown> => await app.run('settingsGet', { path: ['path'] });
    const told = async (count: number): Promise<void> =>
      await app.until(async () => {
        await app.clock.advance(1000);
        return app.notices.length === count && (await place()) === lab.vault;
      });
    edit(lab, (backup) => ({ ...backup, path: path.join(lab.base, 'nowhere') }));
    await told(1);
    expect(app.notices[0]).toMatch(/^The place of the vault was edited and is not used: .*nowhere/);
    expect(await rejectionOf(app.run('settingsSet', { path: ['path'], value: '/nowhere' }))).toMatchObject({
      kind: 'unavailable',
    });
    const moved = path.join(lab.base, 'moved');
    cpSync(lab.vault, moved, { recursive: true });
    edit(lab, (backup) => ({ ...backup, path: moved }));
    await app.until(async () => {
      await app.clock.advance(1000);
      return JSON.stringify(await app.run('settingsGet', { path: ['formerVaults'] })).includes(lab.vault);
    });
    expect(await place()).toBe(moved);
    expect(await listed(app)).toHaveLength(1);
  });
});

describe('a machine that sleeps', () => {
  it('has what was missed made up for once, as soon as it tells that it woke up', async () => {
    const { app } = await started({ drill: { enabled: false } });
    await app.advance(2 * minuteMs);
    app.application.power.sleeping();
    app.clock.sleep(40 * hourMs);
    app.application.power.wake();
    // No timer has fired since: those of before count only the time awake.
    await app.until(async () => (await app.history()).includes('scheduled skipped missed'));
    expect(await nextRun(app)).toBe(2 * minuteMs);
    await app.until(() => app.states().at(-1) === 'stale');
    await app.advance(2 * minuteMs);
    await app.advance(10 * minuteMs);
    await app.until(() => app.states().at(-1) === 'unproven');
    expect(await app.history()).toEqual([
      'scheduled succeeded',
      'scheduled skipped missed',
      'scheduled succeeded',
    ]);
  });

  it('is stopped in order when its session ends, with a backup at the end', async () => {
    const { app } = await started({ onShutdown: true });
    await app.application.power.sessionEnding();
    await app.start();
    expect(await app.history()).toEqual(['shutdown succeeded']);
  });
});

describe('an application in which nothing happens', () => {
  it('wakes no more than once a minute', async () => {
    const { app } = await started({ pausedUntil: 'resumed', drill: { enabled: false } });
    await app.clock.advance(hourMs);
    const before = app.clock.fired;
    await app.clock.advance(10 * hourMs);
    expect(app.clock.fired - before).toBeLessThanOrEqual(600);
    expect(app.notices).toEqual([]);
  });
});

describe('the start and the end of an application', () => {
  it('make a backup each, where that is set', async () => {
    const { app } = await started({ onStartup: true, onShutdown: true });
    await app.quiet();
    await app.clock.advance(2 * hourMs);
    await app.application.stop();
    await app.start();
    await app.quiet();
    expect(await app.history()).toEqual(['startup succeeded', 'shutdown succeeded', 'startup succeeded']);
    expect((await listed(app)).filter(({ trigger }) => trigger === 'shutdown')).toHaveLength(1);
  });

  it.each([
    ['the schedule is off', { enabled: false }],
    ['backups are paused', { pausedUntil: 'resumed' }],
  ])('make none while %s', async (_, settings) => {
    const { app } = await started({ onStartup: true, onShutdown: true, ...settings });
    await app.advance(2 * hourMs);
    await app.application.stop();
    await app.start();
    expect(await listed(app)).toEqual([]);
  });

  it('make none at the end when the last good one is of the last hour, and say so', async () => {
    const { app } = await started({ onShutdown: true });
    await app.advance(2 * minuteMs);
    await app.clock.advance(30 * minuteMs);
    await app.application.stop();
    await app.start();
    expect(await app.history()).toEqual(['shutdown skipped recent', 'scheduled succeeded']);
  });

  it('cancel the backup at the end whole when its 20 s are over', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'packs/' });
    useHere(pause, lab);
    const app = await RunningApplication.start(lab);
    const stopped = app.application.stop();
    await pause.reached();
    await app.clock.advance(20_000);
    await stopped;
    pause.goOn();
    vi.stubEnv('NODE_ENV', 'production');
    await app.start();
    expect(await app.history()).toEqual(['shutdown cancelled']);
    expect(await listed(app)).toEqual([]);
  });

  it('let a backup that goes on end within 20 s, else cancel it', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'packs/' });
    useHere(pause, lab);
    const app = await RunningApplication.start(lab);
    const backup = rejectionOf(app.run('backup', {}));
    await pause.reached();
    const stopped = app.application.stop();
    await app.clock.advance(20_000);
    expect(await backup).toMatchObject({ kind: 'cancelled' });
    await stopped;
    pause.goOn();
    vi.stubEnv('NODE_ENV', 'production');
    await app.start();
    expect(await app.history()).toEqual(['manual cancelled']);
    expect(await listed(app)).toEqual([]);
  });

  it('leave to its journal what cannot be put back in time', async () => {
    const { app } = await started();
    const gate = Promise.withResolvers<void>();
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    const restore = app.application.engine.exclusively('restore', options, async () => await gate.promise);
    let isStopped = false;
    const stopped = app.application.stop().then(() => (isStopped = true));
    await app.clock.advance(59_000);
    expect(isStopped).toBe(false);
    await app.clock.advance(1000);
    await stopped;
    expect(app.notices).toEqual([expect.stringContaining('left to the next start')]);
    gate.resolve();
    await restore;
  });

  it('cancel what goes on when somebody asks for that', async () => {
    const lab = await shared().copy();
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'packs/' });
    useHere(pause, lab);
    const app = await RunningApplication.start(lab);
    const backup = rejectionOf(app.run('backup', {}));
    await pause.reached();
    expect(await app.run('cancel', {})).toEqual({ cancelled: true });
    expect(await backup).toMatchObject({ kind: 'cancelled' });
    pause.goOn();
    expect(await app.run('cancel', {})).toEqual({ cancelled: false });
    expect(await listed(app)).toEqual([]);
  });
});
