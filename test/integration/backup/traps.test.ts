import { mkdir, readFile, readdir, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { workFolderName } from '../../../main/components/work-folder.ts';
import { backupSettings } from '../../../shared/model/settings.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { backedUp, echoVolume, inPlace, listedPaths } from '../../helpers/tiny-backup.ts';
import { contextOf } from '../../helpers/tiny-context.ts';
import { liveState, quietly, rowsOf, tinyInstall, volumeData } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';

async function idsOf({ vault }: TinyInstall): Promise<readonly string[]> {
  const { manifests } = await vault.listManifests();
  return manifests.filter(({ state }) => state === 'live').map(({ manifest }) => manifest.backupId);
}

describe('the traps of restoring', () => {
  it('T1: keeps the backup that is being restored, when retention would keep only the newest', async () => {
    const retention = backupSettings.parse({
      retention: { newest: 1, daily: 0, weekly: 0, monthly: 0 },
    }).retention;
    const { tiny, backupId } = await backedUp();
    const { backupId: second } = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    const { safetyBackupId } = await restoreBackup(
      { ...tiny.context, settings: { ...tiny.context.settings, retention } },
      inPlace(backupId, { only: ['config'] }),
      quietly,
    );
    expect(await idsOf(tiny)).toEqual(expect.arrayContaining([backupId, second, safetyBackupId]));
  });

  it('T2: restores over a live database that cannot be read, once the operator goes on without a safety backup', async () => {
    const { tiny, backupId } = await backedUp();
    const before = rowsOf(tiny.database);
    await unlink(tiny.database);
    await mkdir(tiny.database);
    for (const only of [['persistence'], ['persistence', 'files']]) {
      const error = await rejectionOf(restoreBackup(tiny.context, inPlace(backupId, { only }), quietly));
      expect(error).toMatchObject({ kind: 'failed', message: expect.stringContaining('--no-safety-backup') });
      expect(await readdir(tiny.database)).toEqual([]);
    }
    const request = inPlace(backupId, { only: ['persistence'] });
    const restored = await restoreBackup(tiny.context, { ...request, safetyBackup: false }, quietly);
    expect(restored).toMatchObject({ safetyBackupId: null, restored: ['persistence'] });
    expect(rowsOf(tiny.database)).toEqual(before);
  });

  it('T2: restores a database that is gone, and needs no safety backup of nothing', async () => {
    const { tiny, backupId } = await backedUp();
    const before = rowsOf(tiny.database);
    await unlink(tiny.database);
    const restored = await restoreBackup(tiny.context, inPlace(backupId, { only: ['persistence'] }), quietly);
    expect(restored.safetyBackupId).toBeNull();
    expect(restored.notes.map(({ code }) => code)).toContain('nothing-live');
    expect(rowsOf(tiny.database)).toEqual(before);
  });

  it('T3: leaves everything as it was, when one of several parts fails', async () => {
    const { tiny, backupId } = await backedUp();
    await writeFile(path.join(volumeData(tiny, echoVolume), 'CLAUDE.md'), 'changed');
    await writeFile(path.join(tiny.data, 'agent-files/0b5d'), 'changed');
    const before = liveState(tiny);
    const request = { ...inPlace(backupId), safetyBackup: false };
    const steps: string[] = [];
    const beforeStep = (step: string): void => {
      steps.push(step);
      if (step === 'commit') throw new Error('no space left');
    };
    expect(await rejectionOf(restoreBackup(tiny.context, request, quietly, { beforeStep }))).toMatchObject({
      kind: 'failed',
    });
    expect(steps.filter((step) => step.startsWith('move-')).length).toBeGreaterThan(8);
    expect(liveState(tiny)).toEqual(before);
  });

  it('T4: restores a backup whose install lacked a volume, and says which when it is made', async () => {
    const tiny = await tinyInstall();
    await rm(path.join(tiny.volumes, echoVolume), { recursive: true });
    const made = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    expect(made.warnings).toMatchObject([{ code: 'volume-missing', volume: echoVolume }]);
    const { manifest } = await tiny.vault.loadManifest(made.backupId);
    expect(manifest.sources.map(({ volume }) => volume)).not.toContain(echoVolume);
    expect(await restoreBackup(tiny.context, inPlace(made.backupId), quietly)).toMatchObject({
      warnings: [],
    });
  });

  it('T5: gives back committed rows that stood in the write-ahead log only, when the restore fails', async () => {
    const { tiny, backupId } = await backedUp();
    await putIntoLog(tiny.database);
    const rows = rowsOf(await copied(tiny));
    const beforeStep = (step: string): void => {
      if (step === 'commit') throw new Error('no space left');
    };
    const request = inPlace(backupId, { only: ['persistence'], safetyBackup: false });
    expect(await rejectionOf(restoreBackup(tiny.context, request, quietly, { beforeStep }))).toMatchObject({
      kind: 'failed',
    });
    expect(rowsOf(await copied(tiny))).toEqual(rows);
    expect(JSON.stringify(rows)).toContain('in the log only');
    await restoreBackup(tiny.context, request, quietly);
    expect((await readdir(tiny.data)).filter((name) => name.startsWith('trinity.db'))).toEqual([
      'trinity.db',
    ]);
  });

  it('T6: refuses to replace a database that a program has open', async () => {
    const { tiny, backupId } = await backedUp();
    const before = liveState(tiny);
    const writer = new Database(tiny.database);
    writer.prepare('SELECT count(*) FROM agent_ownership').get();
    const request = inPlace(backupId, { only: ['persistence'], safetyBackup: false });
    const error = await rejectionOf(restoreBackup(tiny.context, request, quietly));
    writer.close();
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('stop backend scheduler'),
    });
    expect(liveState(tiny)).toEqual(before);
    expect(await restoreBackup(tiny.context, request, quietly)).toMatchObject({ restartRequired: true });
  });

  it('T9: neither uses nor backs up what another restore left', async () => {
    const { tiny, backupId } = await backedUp();
    const stale = workFolderName('0123456789ab', 'files');
    await mkdir(path.join(tiny.data, stale, 'staged/avatars'), { recursive: true });
    await writeFile(path.join(tiny.data, stale, 'staged/avatars/echo.webp'), 'stale');
    await restoreBackup(tiny.context, inPlace(backupId, { only: ['files'] }), quietly);
    expect((await readFile(path.join(tiny.data, 'avatars/echo.webp'))).length).toBe(3000);
    expect(await readdir(tiny.data)).toContain(stale);
    const later = await createBackup(tiny.context, { trigger: 'manual', only: ['files'] }, quietly);
    const listed = await listedPaths(tiny, later.backupId, 'files');
    expect(listed).toContain('avatars/echo.webp');
    expect(listed.filter((name) => name.includes('.trinity-backup-'))).toEqual([]);
  });

  it('T15: refuses data of a newer Trinity by its version, and names the one to install', async () => {
    const { tiny, backupId } = await backedUp();
    await writeFile(path.join(tiny.folder, 'VERSION'), '0.9.4\n');
    const request = inPlace(backupId);
    const error = await rejectionOf(restoreBackup(tiny.context, request, quietly));
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('Install Trinity 0.9.5'),
    });
    await writeFile(path.join(tiny.folder, 'VERSION'), '0.10.0\n');
    const { notes } = await restoreBackup(tiny.context, request, quietly);
    expect(notes.map(({ code }) => code)).toContain('will-migrate');
    expect(await readFile(path.join(tiny.folder, 'VERSION'), 'utf8')).toBe('0.10.0\n');
  });

  it('T15: refuses data of a newer Trinity by its migrations, where no version is known', async () => {
    const { tiny, backupId } = await backedUp();
    await unlink(path.join(tiny.folder, 'VERSION'));
    const database = new Database(tiny.database);
    database.exec("DELETE FROM schema_migrations WHERE name = '0002_second'");
    database.close();
    const error = await rejectionOf(restoreBackup(tiny.context, inPlace(backupId), quietly));
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('0002_second') });
  });
});

describe('the traps of requests', () => {
  it('T16: refuses components that are none, unknown, said twice or not in the backup', async () => {
    const { tiny, backupId } = await backedUp();
    const before = liveState(tiny);
    for (const only of [[], ['everything'], ['files', 'files'], ['paths']]) {
      const error = await rejectionOf(restoreBackup(tiny.context, inPlace(backupId, { only }), quietly));
      expect({ only, error }).toMatchObject({ only, error: { kind: 'usage' } });
    }
    for (const only of [[], ['everything'], ['files', 'files']]) {
      const error = await rejectionOf(createBackup(tiny.context, { trigger: 'manual', only }, quietly));
      expect({ only, error }).toMatchObject({ only, error: { kind: 'usage' } });
    }
    expect(liveState(tiny)).toEqual(before);
    expect(await idsOf(tiny)).toEqual([backupId]);
  });

  it('T21: tells a malformed id from an unknown one', async () => {
    const { tiny } = await backedUp();
    for (const [id, kind] of [
      ['../../etc', 'usage'],
      ['0123456789AB', 'usage'],
      ['0123456789ab', 'not-found'],
    ] as const) {
      expect(await rejectionOf(restoreBackup(tiny.context, inPlace(id), quietly))).toMatchObject({ kind });
    }
  });

  it('T22: refuses a vault inside the install and an install inside the vault, through links, before anything is made', async () => {
    const tiny = await tinyInstall();
    const link = path.join(tiny.base, 'link');
    await symlink(tiny.base, link);
    const around = contextOf({ ...tiny, volumes: path.join(link, 'vault') });
    const inside = contextOf(tiny, { settings: { paths: [link] } });
    for (const context of [around, inside]) {
      const error = await rejectionOf(createBackup(context, { trigger: 'manual' }, quietly));
      expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining('vault') });
    }
    expect(await idsOf(tiny)).toEqual([]);
    expect(await readdir(tiny.home)).not.toContain('scratch');
  });
});

/** Rows that stand in the log alone, as a killed Trinity leaves them. */
async function putIntoLog(file: string): Promise<void> {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.exec("INSERT INTO schedule_executions (status, message) VALUES ('success', 'in the log only')");
  const [main, log] = [await readFile(file), await readFile(`${file}-wal`)];
  database.close();
  await writeFile(file, main);
  await writeFile(`${file}-wal`, log);
}

/** A copy to look at, so that looking changes nothing. */
async function copied({ base, database }: TinyInstall): Promise<string> {
  const copy = path.join(base, 'looked-at.db');
  for (const suffix of ['', '-wal'])
    await writeFile(`${copy}${suffix}`, await readFile(`${database}${suffix}`));
  return copy;
}
