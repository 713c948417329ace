import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SettingsStore } from '../../../../main/app/home/settings-store.ts';
import type { homeSettings } from '../../../../shared/model/settings.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

type Place = Readonly<{ folder: string; file: string; store: SettingsStore }>;

/** A store whose settings are in effect: compression is off in them. */
async function storeInUse(): Promise<Place> {
  const folder = await tempFolder();
  const file = path.join(folder, 'settings.json');
  const store = new SettingsStore(file, () => 0);
  await store.change(({ backup, ...rest }) => ({ ...rest, backup: { ...backup, compression: false } }));
  return { folder, file, store };
}

const withHours = (hours: number) => (settings: ReturnType<typeof homeSettings.parse>) => ({
  ...settings,
  backup: { ...settings.backup, scheduleHours: hours },
});

describe('settings that a person edits while they are in use', () => {
  it('count as soon as they are read', async () => {
    const { file, store } = await storeInUse();
    writeFileSync(file, readFileSync(file, 'utf8').replace('"scheduleHours": 6', '"scheduleHours": 12'));
    expect((await store.read()).settings.backup.scheduleHours).toBe(12);
    expect(store.isOwn).toBe(false);
  });

  it.each([
    ['is cut short', '{"version":1,"backup":{"trashDays":', /cannot be read, the settings of before stay/],
    ['is empty', '', /cannot be read/],
    ['holds nonsense', '{"version":1,"backup":{"scheduleHours":"often"}}', /cannot be read/],
    ['holds what there is not', '{"version":1,"backup":{"everyHours":3}}', /cannot be read/],
    ['is of a newer version', '{"version":2}', /of a newer version/],
  ])('stay as they were, and the file untouched, while it %s', async (_, text, problem) => {
    const { folder, file, store } = await storeInUse();
    writeFileSync(file, text);
    const read = await store.read();
    expect(read.settings.backup.compression).toBe(false);
    expect(read.problem).toMatch(problem);
    expect(readdirSync(folder).toSorted()).toEqual(['settings.json', 'settings.json.good']);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('stay as they were when the file is taken away, until something is changed', async () => {
    const { file, store } = await storeInUse();
    rmSync(file);
    expect(await store.read()).toMatchObject({
      settings: { backup: { compression: false } },
      problem: expect.stringMatching(/is gone/),
    });
    await store.change(withHours(12));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      backup: { compression: false, scheduleHours: 12 },
    });
  });

  it('are kept aside when a change is made while they cannot be read', async () => {
    const { folder, file, store } = await storeInUse();
    writeFileSync(file, 'half a line');
    await store.change(withHours(12));
    const aside = 'settings.json.unreadable-1970-01-01T00-00-00-000Z';
    expect(readdirSync(folder).toSorted()).toEqual(['settings.json', 'settings.json.good', aside]);
    expect(readFileSync(path.join(folder, aside), 'utf8')).toBe('half a line');
    expect((await store.read()).problem).toBeUndefined();
  });

  it('are never overwritten where they are of a newer version', async () => {
    const { file, store } = await storeInUse();
    writeFileSync(file, '{"version":2}');
    expect(await rejectionOf(store.change(withHours(12)))).toMatchObject({ kind: 'refused' });
    expect(readFileSync(file, 'utf8')).toBe('{"version":2}');
  });

  it('lose nothing when several change them at once', async () => {
    const { file, store } = await storeInUse();
    const day = (days: number) => (settings: ReturnType<typeof homeSettings.parse>) => ({
      ...settings,
      backup: { ...settings.backup, trashDays: days },
    });
    await Promise.all([store.change(withHours(12)), store.change(day(30)), store.change(withHours(24))]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      backup: { compression: false, scheduleHours: 24, trashDays: 30 },
    });
  });
});
