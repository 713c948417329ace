import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { planDrill } from '../../../../main/backup/drill/plan-drill.ts';
import type { CommandLab } from '../../../helpers/command-lab.ts';
import { mailbox } from '../../../helpers/mailbox.ts';
import { expectEffects, hasCause, setLive, sharedLive, toRealTime } from '../../../helpers/live-settings.ts';
import { webListener, type WebListener } from '../../../helpers/web-listener.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const started = sharedLive();
const unwatched = { signal: new AbortController().signal, onProgress: () => undefined };

describe('the settings of rehearsals', () => {
  it('move those of the schedule', async () => {
    const { app } = await started([
      ['drill.enabled', false],
      ['scheduleHours', 168],
      ['enabled', true],
      ['pausedUntil', 'resumed'],
    ]);
    toRealTime({ app });
    await app.run('backup', {});
    const count = async (operation: string): Promise<number> =>
      (await app.application.engine.catalog()).runs(50, operation).length;
    const passUntil = async (operation: string, times: number): Promise<void> =>
      await app.until(async () => {
        await app.clock.advance(10 * minuteMs);
        return (await count(operation)) === times;
      });
    // Samples are read each day all the while.
    await passUntil('verify', 1);
    expect(await count('drill')).toBe(0);
    await setLive(app, 'drill.enabled', true);
    await passUntil('drill', 1);
    await passUntil('verify', 2);
    expect(await count('drill')).toBe(1);
    await setLive(app, 'drill.everyDays', 1);
    await passUntil('drill', 2);
  });

  it('bound the next one that is planned', async () => {
    const { app } = await started();
    await app.run('backup', {});
    // As if the vault lay elsewhere: what is fetched counts there alone.
    const { storage } = await app.application.engine.vault();
    Object.defineProperty(storage, 'isLocal', { value: false });
    const leftOut = async (): Promise<number> => {
      const context = await app.application.engine.services();
      const { plan } = await planDrill(context, { isScheduled: true, bytesPerMs: 5 }, unwatched);
      return plan.skipped.length;
    };
    await expectEffects(app, [
      { name: 'drill.maxMinutes', value: 1, look: leftOut, before: 0, after: 2 },
      { name: 'drill.maxDownloadBytes', value: 300_000, look: leftOut, before: 0, after: 2 },
    ]);
  });
});

describe('the settings of start and end', () => {
  it('are those of the moment', async () => {
    const { app } = await started([
      ['enabled', true],
      ['drill.enabled', false],
      ['onStartup', true],
      ['onShutdown', true],
    ]);
    await app.clock.advance(minuteMs);
    await app.application.power.sessionEnding();
    await app.start();
    await app.quiet();
    expect(await app.history()).toEqual(expect.arrayContaining(['startup succeeded', 'shutdown succeeded']));
  });
});

describe('the settings of the line', () => {
  it('hold at once', async () => {
    const { app } = await started();
    const useLine = vi.spyOn(app.application.engine.storages, 'useLine');
    const line = { uploadKilobytesPerSecond: 100, downloadKilobytesPerSecond: 200, parallel: 2 };
    for (const [name, value] of Object.entries(line)) {
      await setLive(app, `transfer.${name}`, value);
      expect(useLine).toHaveBeenLastCalledWith(expect.objectContaining({ [name]: value }));
    }
    expect(useLine).toHaveBeenLastCalledWith(line);
  });
});

describe('the settings of copies', () => {
  it('say whether one is written and counted', async () => {
    const { lab, app } = await started();
    toRealTime({ app });
    await app.run('copiesAdd', { location: path.join(lab.base, 'copy'), name: 'nas' });
    const isWhole = async (): Promise<boolean> =>
      (await app.run('copiesStatus', {}))[0]?.behindSince === null;
    await setLive(app, 'copies.nas.enabled', false);
    await app.run('backup', {});
    await app.clock.advance(2 * hourMs);
    expect(await isWhole()).toBe(false);
    await setLive(app, 'copies.nas.enabled', true);
    await app.until(async () => {
      await app.clock.advance(minuteMs);
      return await isWhole();
    });
    const isBehind = async (): Promise<boolean> => await hasCause({ app }, 'copy:nas');
    renameSync(path.join(lab.base, 'copy'), path.join(lab.base, 'copy-away'));
    await app.run('backup', {});
    app.clock.sleep(2 * hourMs);
    expect(await isBehind()).toBe(false);
    await setLive(app, 'objectives.copyHours', 1);
    expect(await isBehind()).toBe(true);
    await setLive(app, 'copies.nas.required', false);
    expect(await isBehind()).toBe(false);
  });

  it('say where one lies, and what it keeps', async () => {
    const { lab, app } = await started();
    toRealTime({ app });
    const [place, moved] = [path.join(lab.base, 'copy'), path.join(lab.base, 'moved')];
    await app.run('copiesAdd', { location: place, name: 'nas' });
    await setLive(app, 'copies.nas.enabled', false);
    const copy = async () => (await app.run('copiesRun', { name: 'nas', confirmed: true })).copies[0];
    await app.run('backup', {});
    await copy();
    cpSync(place, moved, { recursive: true });
    editCopyPlace(lab, moved);
    for (const _ of [1, 2]) {
      app.clock.sleep(minuteMs);
      await app.run('backup', {});
    }
    expect((await copy())?.trashed).toEqual([]);
    expect(backupsAt(place)).toBe(1);
    expect(backupsAt(moved)).toBe(3);
    const only = { newest: 1, daily: 0, weekly: 0, monthly: 0, maxAgeDays: 365 };
    await setLive(app, 'copies.nas.retention', only);
    expect((await copy())?.trashed).toHaveLength(2);
    expect(backupsAt(lab.vault)).toBe(3);
  });
});

/** As a person with an editor does. */
function editCopyPlace(lab: CommandLab, location: string): void {
  const file = path.join(lab.home, 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as { backup: { copies: { nas: object } } }; // ours
  const { backup } = settings;
  const copies = { nas: { ...backup.copies.nas, location } };
  writeFileSync(file, JSON.stringify({ ...settings, backup: { ...backup, copies } }));
}

function backupsAt(folder: string): number {
  return readdirSync(path.join(folder, 'backups')).length;
}

describe('the settings of notices', () => {
  it('say who is told of what', async () => {
    const { app } = await started();
    const listener = await webListener();
    await setLive(app, 'notifications.webhook', { url: `${listener.url}/hook` });
    await setLive(app, 'notifications.firstSuccess', false);
    await app.run('backup', {});
    await setLive(app, 'notifications.heartbeat', { url: `${listener.url}/beat` });
    await setLive(app, 'notifications.everySuccess', true);
    const { backupId } = await app.run('backup', {});
    await app.until(() => heardAt(listener, '/beat').length > 0 && successes(listener).length > 0);
    expect(heardAt(listener, '/beat/start')).toHaveLength(1);
    expect(successes(listener)).toEqual([`It is backup ${backupId}.`]);
  });

  it('say when people are told, and by what', async () => {
    const { app } = await started([
      ['notifications.everySuccess', true],
      ['notifications.quietHours', { from: '00:00', to: '23:59' }],
    ]);
    const { port, mails } = await mailbox();
    const mail = { host: '127.0.0.1', port, security: 'none', from: 'a@example.org', to: ['b@example.org'] };
    await setLive(app, 'notifications.mail', mail);
    await app.run('backup', {});
    const waiting = async (name: string) =>
      (await app.run('notices', {})).sinks.find((sink) => sink.name === name)?.waiting ?? 0;
    await app.until(async () => (await waiting('mail')) > 0);
    expect(mails).toEqual([]);
    await setLive(app, 'notifications.quietHours', null);
    await app.until(() => mails.some(({ content }) => content.includes('The first backup is done')));
  });

  it('say whether Trinity has them in its queue', async () => {
    const { app } = await started();
    const queue = async () =>
      (await app.run('notices', {})).sinks.find(({ name }) => name === 'queue')?.reason;
    await expectEffects(app, [
      {
        name: 'notifications.operatorQueue',
        value: true,
        look: queue,
        before: 'Switch notifications.operatorQueue on.',
        after: 'No Docker engine serves this install.',
      },
    ]);
  });
});

function heardAt({ heard }: WebListener, address: string): readonly string[] {
  return heard.filter(({ path: at }) => at === address).map(({ body }) => body);
}

/** Bodies of the notices of good backups. */
function successes(listener: WebListener): readonly string[] {
  const notices = heardAt(listener, '/hook').map(
    (body) => JSON.parse(body) as { event: string; body: string },
  );
  return notices.filter(({ event }) => event === 'done').map(({ body }) => body);
}
