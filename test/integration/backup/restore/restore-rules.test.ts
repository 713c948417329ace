import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { planRestore } from '../../../../main/backup/restore/plan/plan-restore.ts';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { createVolume } from '../../../../main/trinity/volume-store.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { backedUp, echoVolume, inPlace } from '../../../helpers/tiny-backup.ts';
import { liveState, quietly, rowsOf, tinyInstall, volumeData } from '../../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../../helpers/tiny-install.ts';

describe('a quiet start', () => {
  const enabledOf = ({ database }: TinyInstall): unknown =>
    Object(rowsOf(database)['agent_schedules']).map(({ enabled }: { enabled: number }) => enabled);

  it('turns schedules off and cancels waiting runs, for data of over a day ago', async () => {
    let now = Date.parse('2026-03-01T00:00:00Z');
    const { tiny, backupId } = await backedUp({ now: () => now });
    now += 25 * 3_600_000;
    const { notes } = await restoreBackup(
      tiny.context,
      inPlace(backupId, { only: ['persistence'] }),
      quietly,
    );
    expect(notes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          code: 'started-quietly',
          message: expect.stringContaining('echo/morning'),
        }),
      ]),
    );
    expect(enabledOf(tiny)).toEqual([0, 0]);
    expect(JSON.stringify(rowsOf(tiny.database))).not.toContain('queued');
  });

  it('is not made for data of today, unless it is asked for', async () => {
    const { tiny, backupId } = await backedUp();
    await restoreBackup(tiny.context, inPlace(backupId, { only: ['persistence'] }), quietly);
    expect(enabledOf(tiny)).toEqual([1, 0]);
    await restoreBackup(
      tiny.context,
      inPlace(backupId, { only: ['persistence'], startQuietly: true }),
      quietly,
    );
    expect(enabledOf(tiny)).toEqual([0, 0]);
  });
});

describe('what is younger than the backup', () => {
  it('stays, is named, and is in the safety backup', async () => {
    const { tiny, backupId } = await backedUp();
    const data = await createVolume(tiny.volumes, 'agent-newest-workspace', {});
    await writeFile(path.join(data, 'work.txt'), 'of today');
    const database = new Database(tiny.database);
    database.exec("INSERT INTO agent_ownership (agent_name) VALUES ('newest')");
    database.close();
    const { warnings, safetyBackupId } = await restoreBackup(tiny.context, inPlace(backupId), quietly);
    expect(warnings).toMatchObject([
      { code: 'younger-volumes', message: expect.stringContaining('agent-newest-workspace') },
    ]);
    expect(await readFile(path.join(data, 'work.txt'), 'utf8')).toBe('of today');
    const { manifest } = await tiny.vault.loadManifest(safetyBackupId ?? '');
    expect(manifest.trigger).toBe('pre_migration');
    expect(manifest.sources.map(({ volume }) => volume)).toContain('agent-newest-workspace');
  });
});

describe('a volume whose agent is gone', () => {
  it('comes back with a warning, since Trinity would remove it', async () => {
    const { tiny, backupId } = await backedUp();
    const database = new Database(tiny.database);
    database.exec("DELETE FROM agent_ownership WHERE agent_name = 'echo'");
    database.close();
    const alone = await restoreBackup(tiny.context, inPlace(backupId, { agents: ['echo'] }), quietly);
    expect(alone.warnings).toMatchObject([
      { code: 'agent-gone', message: expect.stringContaining(echoVolume) },
    ]);
    const whole = await restoreBackup(tiny.context, inPlace(backupId), quietly);
    expect(whole.warnings).toEqual([]);
  });
});

describe('damage', () => {
  it('is named and changes nothing, and other parts are still restored', async () => {
    const tiny = await tinyInstall();
    const first = await createBackup(tiny.context, { trigger: 'manual', only: ['files', 'config'] }, quietly);
    const healthy = new Set(await packsOf(tiny));
    const whole = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    for (const pack of await packsOf(tiny)) if (!healthy.has(pack)) await flipMiddle(pack);
    await writeFile(path.join(volumeData(tiny, echoVolume), 'CLAUDE.md'), 'changed');
    await writeFile(path.join(tiny.data, 'agent-files/0b5d'), 'changed');
    const before = liveState(tiny);
    const live = inPlace(whole.backupId, { safetyBackup: false });
    expect(await rejectionOf(restoreBackup(tiny.context, live, quietly))).toMatchObject({ kind: 'damaged' });
    const request = { ...live, destination: { way: 'to', folder: path.join(tiny.base, 'out') } } as const;
    const { warnings } = await restoreBackup(tiny.context, request, quietly);
    expect(warnings.filter(({ code }) => code === 'damaged')).not.toEqual([]);
    expect(liveState(tiny)).toEqual(before);
    const only = { only: ['files'], safetyBackup: false };
    const { restored } = await restoreBackup(tiny.context, inPlace(first.backupId, only), quietly);
    expect(restored).toEqual(['files']);
    expect(await readFile(path.join(tiny.data, 'agent-files/0b5d'), 'utf8')).toBe('shared');
  });

  it('of a database is found before anything changes', async () => {
    const { tiny } = await backedUp();
    await writeFile(tiny.database, 'HTTP/1.1 200 OK');
    const made = await createBackup(tiny.context, { trigger: 'manual', only: ['persistence'] }, quietly);
    expect(made.warnings.map(({ code }) => code)).toContain('database-damaged');
    await rm(tiny.database);
    const refused = {
      kind: 'damaged',
      message: expect.stringMatching(/^The database was already damaged when this backup was made: /u),
    };
    const live = inPlace(made.backupId);
    expect(await rejectionOf(planRestore(tiny.context, live, quietly))).toMatchObject(refused);
    expect(await rejectionOf(restoreBackup(tiny.context, live, quietly))).toMatchObject(refused);
    const install = path.join(tiny.base, 'new');
    const destination = { way: 'new-install', folder: install } as const;
    expect(await rejectionOf(planRestore(tiny.context, { ...live, destination }, quietly))).toMatchObject(
      refused,
    );
    expect(await readdir(tiny.data)).not.toContain('trinity.db');
    const folder = path.join(tiny.base, 'out');
    const request = { ...inPlace(made.backupId), destination: { way: 'to', folder } as const };
    expect((await restoreBackup(tiny.context, request, quietly)).warnings).toMatchObject([
      { code: 'damaged-at-source' },
    ]);
    expect(await readFile(path.join(folder, 'persistence/trinity.db'), 'utf8')).toBe('HTTP/1.1 200 OK');
  });
});

async function packsOf({ vaultFolder }: TinyInstall): Promise<readonly string[]> {
  const names = await readdir(path.join(vaultFolder, 'packs'), { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

async function flipMiddle(file: string): Promise<void> {
  const bytes = await readFile(file);
  const middle = Math.floor(bytes.length / 4);
  for (let at = middle; at < Math.min(middle + 2000, bytes.length); at += 1)
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  await writeFile(file, bytes);
}
