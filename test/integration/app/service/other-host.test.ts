import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type CommandLab, emptyLab, Pause, sharedLab } from '../../../helpers/command-lab.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { RunningApplication, useHere } from '../../../helpers/running-application.ts';

const minuteMs = 60_000;
const shared = sharedLab();

/** Another machine with a home of its own on the same vault. */
async function otherHost(lab: CommandLab): Promise<CommandLab> {
  const other = await emptyLab();
  await other.setUp();
  await other.json(['connect', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile]);
  return other;
}

describe('a vault that several machines write to', () => {
  it('is waited for by the schedule, until the other is done', async () => {
    const lab = await shared().copy();
    const other = await otherHost(lab);
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    const backup = other.start(['backup', '--json'], pause.env);
    await pause.reached();
    const app = await RunningApplication.start(lab);
    await app.clock.advance(2 * minuteMs);
    // It looks again each minute, and is in nobody's way meanwhile.
    const { timers } = app.clock;
    await app.until(() => app.clock.timers > timers);
    await app.clock.advance(2 * minuteMs);
    expect(app.application.engine.writing).toBeUndefined();
    expect(await app.history()).toEqual([]);
    const busy = await rejectionOf(app.run('backup', {}));
    expect(busy).toMatchObject({ kind: 'busy', message: expect.stringContaining('is being written by') });
    pause.goOn();
    expect((await backup.ended).code).toBe(0);
    await app.until(async () => {
      await app.clock.advance(minuteMs);
      return (await app.history()).length > 0;
    });
    expect(await app.history()).toEqual(['scheduled succeeded']);
  });

  it('is waited for half an hour, which is recorded then, and no longer than the application runs', async () => {
    const lab = await shared().copy();
    const other = await otherHost(lab);
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'backups/' });
    const backup = other.start(['backup', '--json'], pause.env);
    await pause.reached();
    const app = await RunningApplication.start(lab);
    await app.until(async () => {
      await app.clock.advance(minuteMs);
      return (await app.history()).length > 0;
    });
    expect(await app.history()).toEqual(['scheduled skipped waiting']);
    expect(app.clock.now() - Date.parse('2026-03-02T12:02:00Z')).toBeGreaterThanOrEqual(30 * minuteMs);
    await app.until(async () => {
      await app.clock.advance(minuteMs);
      return app.clock.timers > 0;
    });
    await app.application.stop();
    pause.goOn();
    expect((await backup.ended).code).toBe(0);
  });

  it('is not written to by one that fell asleep in the middle, which begins anew and loses nothing', async () => {
    const lab = await shared().copy();
    const other = await otherHost(lab);
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'packs/' });
    useHere(pause, lab);
    const app = await RunningApplication.start(lab);
    await app.clock.advance(2 * minuteMs);
    await pause.reached();
    // Asleep, its heartbeat stands still: after a while another takes the vault over.
    for (const name of readdirSync(path.join(lab.vault, 'locks'))) {
      utimesSync(path.join(lab.vault, 'locks', name), 1e9, 1e9);
    }
    writeFileSync(path.join(other.volumes, 'new.txt'), 'of the other machine');
    await other.json(['backup']);
    app.clock.sleep(10 * minuteMs);
    pause.goOn();
    await app.until(async () => (await app.history()).length > 0);
    expect(await app.history()).toEqual(['scheduled failed']);
    expect((await app.run('status', {})).state).toBe('attention');
    vi.stubEnv('NODE_ENV', 'production');
    await app.advance(6 * minuteMs);
    expect(await app.history()).toEqual(['scheduled succeeded', 'scheduled failed']);
    expect(await app.run('verify', { data: 'full' })).toMatchObject({ ok: true });
    expect(await other.json(['list'])).toHaveLength(2);
    expect(readFileSync(path.join(lab.home, 'schedule.json'), 'utf8')).toContain('"failures":0');
  });
});
