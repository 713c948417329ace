import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensureDeviceKey, readDeviceKey } from '../../../main/app/home/device-key.ts';
import { homeFolder, openHome } from '../../../main/app/home/home.ts';
import { SettingsStore } from '../../../main/app/home/settings-store.ts';
import { CommandLab, Pause } from '../../helpers/command-lab.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('SettingsStore', () => {
  it('applies changes that come at once one after the other', async () => {
    const store = new SettingsStore(path.join(await tempFolder(), 'settings.json'));
    const add = async (name: string): Promise<unknown> =>
      await store.change(({ backup, ...rest }) => ({
        ...rest,
        backup: { ...backup, exclude: [...backup.exclude, name] },
      }));
    await Promise.all(['one', 'two', 'three'].map(add));
    expect((await store.read()).settings.backup.exclude).toEqual(['one', 'two', 'three']);
  });

  it('sets an unreadable file aside and says so, and refuses a newer one', async () => {
    const folder = await tempFolder();
    const file = path.join(folder, 'settings.json');
    const store = new SettingsStore(file, () => 0);
    writeFileSync(file, '{"version":1,"backup":{"trashDays":');
    expect((await store.read()).problem).toMatch(/^The settings could not be read .*\.$/);
    expect(readdirSync(folder)).toEqual(['settings.json.unreadable-1970-01-01T00-00-00-000Z']);
    writeFileSync(file, '{"version":2}');
    expect(await rejectionOf(new SettingsStore(file).read())).toMatchObject({ kind: 'refused' });
    expect(readFileSync(file, 'utf8')).toBe('{"version":2}');
  });

  it('keeps what was in effect before, also for the next process, when a person mistypes, and says what is wrong', async () => {
    const folder = await tempFolder();
    const file = path.join(folder, 'settings.json');
    await new SettingsStore(file).change(({ backup, ...rest }) => ({
      ...rest,
      backup: { ...backup, trashDays: 9 },
    }));
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace('"trashDays": 9', '"trashDays": 999'));
    const store = new SettingsStore(file, () => 0);
    const mistyped = await store.read();
    expect(mistyped.settings.backup.trashDays).toBe(9);
    expect(mistyped.problem).toContain('The setting trashDays takes a whole number from 1 to 365.');
    writeFileSync(file, good.slice(0, 40));
    expect(await new SettingsStore(file).read()).toMatchObject({
      settings: { backup: { trashDays: 9 } },
      problem: expect.stringContaining('It is no valid JSON.'),
    });
    await store.change(({ backup, ...rest }) => ({ ...rest, backup: { ...backup, scheduleHours: 5 } }));
    expect((await new SettingsStore(file).read()).settings.backup).toMatchObject({
      trashDays: 9,
      scheduleHours: 5,
    });
    expect(readdirSync(folder)).toContain('settings.json.unreadable-1970-01-01T00-00-00-000Z');
  });

  it('takes a file that a person took away for a new beginning, once nothing runs', async () => {
    const file = path.join(await tempFolder(), 'settings.json');
    await new SettingsStore(file).change(({ backup, ...rest }) => ({
      ...rest,
      backup: { ...backup, trashDays: 9 },
    }));
    rmSync(file);
    expect((await new SettingsStore(file).read()).settings.backup.trashDays).toBe(7);
  });

  it('refuses a value that is not valid, and keeps what was there', async () => {
    const store = new SettingsStore(path.join(await tempFolder(), 'settings.json'));
    const change = store.change(({ backup, ...rest }) => ({ ...rest, backup: { ...backup, include: [] } }));
    expect(await rejectionOf(change)).toMatchObject({ kind: 'usage' });
    expect((await store.read()).settings.backup.include).toBeUndefined();
  });
});

describe('the device key', () => {
  it('is made once, for its owner only', async () => {
    const file = path.join(await tempFolder(), 'device-key');
    expect(await readDeviceKey({ deviceKeyFile: file, keychain: undefined })).toBeUndefined();
    const key = await ensureDeviceKey({ deviceKeyFile: file, keychain: undefined });
    expect(await ensureDeviceKey({ deviceKeyFile: file, keychain: undefined })).toEqual(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is refused when others can read it, and when it is cut short', async () => {
    const file = path.join(await tempFolder(), 'device-key');
    await ensureDeviceKey({ deviceKeyFile: file, keychain: undefined });
    chmodSync(file, 0o640);
    expect(await rejectionOf(readDeviceKey({ deviceKeyFile: file, keychain: undefined }))).toMatchObject({
      kind: 'refused',
    });
    writeFileSync(file, 'short');
    chmodSync(file, 0o600);
    expect(await rejectionOf(readDeviceKey({ deviceKeyFile: file, keychain: undefined }))).toMatchObject({
      kind: 'no-key',
    });
  });
});

describe('the home', () => {
  it('is named by option, environment or the folder for settings, in this order', () => {
    expect(homeFolder('/a', { TRINITY_BACKUP_HOME: '/b' })).toBe('/a');
    expect(homeFolder(undefined, { TRINITY_BACKUP_HOME: '/b', XDG_CONFIG_HOME: '/c' })).toBe('/b');
    expect(homeFolder(undefined, { XDG_CONFIG_HOME: '/c' })).toBe('/c/trinity-backup');
  });

  it('is taken back from readers other than its owner', async () => {
    const folder = path.join(await tempFolder(), 'home');
    mkdirSync(folder, { mode: 0o755 });
    await openHome(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('may have a path that is too long for the address of a socket', async () => {
    const lab = new CommandLab(path.join(await tempFolder(), 'x'.repeat(100)));
    mkdirSync(lab.base);
    await lab.setUp();
    const pause = new Pause(lab.base, { operation: 'list', prefix: 'backups/' });
    const engine = lab.start(['list', '--json'], pause.env);
    await pause.reached();
    expect(await lab.json(['settings', 'get', 'trashDays'])).toBe(7);
    expect(readdirSync(lab.home)).toContain('engine.sock');
    pause.goOn();
    expect(await engine.ended).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(lab.home)).not.toContain('engine.sock');
  });
});
