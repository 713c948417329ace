import { mkdir, readdir, rename } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { planRestore } from '../../../../main/backup/restore/plan/plan-restore.ts';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import type { RestoreRequest } from '../../../../main/backup/services.ts';
import {
  recoverJournals,
  type RecoveredJournals,
} from '../../../../main/backup/restore/swap/recover-journals.ts';
import { readInstall } from '../../../../main/trinity/read-install.ts';
import { leaveHeldRecovery } from '../../../helpers/held-recovery.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { backedUp } from '../../../helpers/tiny-backup.ts';
import { contextOf } from '../../../helpers/tiny-context.ts';
import { liveState, quietly, rowsOf, tinyInstall } from '../../../helpers/tiny-install.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';

describe('restore --to', () => {
  it('writes plain files by component and volume, private, and touches nothing else', async () => {
    const { tiny, backupId } = await backedUp();
    const before = snapshotTree(tiny.base, (name) => /^(?:vault|home|out)/u.test(name) || name === '');
    const folder = path.join(tiny.base, 'out');
    const restored = await restoreBackup(
      tiny.context,
      { backupId, destination: { way: 'to', folder }, safetyBackup: true },
      quietly,
    );
    expect(restored).toMatchObject({ safetyBackupId: null, restartRequired: false, warnings: [] });
    expect((await readdir(folder)).toSorted()).toEqual(['config', 'files', 'memory', 'persistence']);
    expect((await readdir(path.join(folder, 'memory'))).toSorted()).toEqual(
      (await readdir(tiny.volumes)).toSorted(),
    );
    expect(rowsOf(path.join(folder, 'persistence/trinity.db'))).toEqual(rowsOf(tiny.database));
    const isPrivate = (text: string): boolean =>
      /^(?:folder 700|file \S+ \S+ 600|hard link to \S+ 600|link )/u.test(text);
    expect(Object.entries(snapshotTree(folder)).filter(([, text]) => !isPrivate(text))).toEqual([]);
    expect(snapshotTree(tiny.base, (name) => /^(?:vault|home|out)/u.test(name) || name === '')).toEqual(
      before,
    );
  });

  it('leaves no agent down that an earlier restore had stopped', async () => {
    const { tiny, backupId } = await backedUp();
    const { home } = tiny.context;
    (await leaveHeldRecovery(home)).goOn();
    let recovered: RecoveredJournals | undefined;
    const beforeStep = async (step: string): Promise<void> => {
      if (step === 'sync') recovered = await recoverJournals(home, { onWait: () => undefined });
    };
    const destination = { way: 'to', folder: path.join(tiny.base, 'out') } as const;
    await restoreBackup(tiny.context, { backupId, destination, safetyBackup: true }, quietly, { beforeStep });
    expect(recovered).toMatchObject({ restores: [], containers: [{ result: 'back' }] });
  });

  it('refuses a folder that holds something', async () => {
    const { tiny, backupId } = await backedUp();
    const request: RestoreRequest = {
      backupId,
      destination: { way: 'to', folder: tiny.data },
      safetyBackup: true,
    };
    expect(await rejectionOf(restoreBackup(tiny.context, request, quietly))).toMatchObject({ kind: 'usage' });
  });
});

describe('restore --new-install', () => {
  it('builds the whole install, volumes too, in an empty folder', async () => {
    const { tiny, backupId } = await backedUp();
    const before = liveState(tiny);
    const folder = path.join(tiny.base, 'new/trinity');
    const volumesRoot = path.join(tiny.base, 'new/volumes');
    const restored = await restoreBackup(
      tiny.context,
      {
        backupId,
        destination: { way: 'new-install', folder, volumesRoot },
        safetyBackup: true,
        startQuietly: false,
      },
      quietly,
    );
    expect(restored.notes.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['next-step', 'env-host-keys']),
    );
    expect(liveState({ folder, volumes: volumesRoot })).toEqual(before);
    const install = await readInstall({ folder, volumesRoot });
    expect(install).toMatchObject({ version: '0.9.5', dataFolder: path.join(folder, 'trinity-data') });
    const context = contextOf({ ...tiny, folder, volumes: volumesRoot });
    expect(await createBackup(context, { trigger: 'manual' }, quietly)).toMatchObject({
      incomplete: false,
      warnings: [],
    });
  });

  it('writes the values that are given for this host, and names the others by their keys', async () => {
    const { tiny, backupId } = await backedUp();
    const folder = path.join(tiny.base, 'new');
    const destination = { way: 'new-install', folder } as const;
    const { plan } = await planRestore(tiny.context, { backupId, destination, safetyBackup: true }, quietly);
    expect(plan.hostValues).toEqual([{ key: 'FRONTEND_PORT', value: '8081' }]);
    const hostValues = { FRONTEND_PORT: '9999', FRONTEND_URL: 'https://new.example/ here' };
    const request = { backupId, destination: { ...destination, hostValues }, safetyBackup: true };
    const { notes } = await restoreBackup(tiny.context, request, quietly);
    expect((await readInstall({ folder })).env).toEqual(
      new Map([...(await readInstall({ folder: tiny.folder })).env, ...Object.entries(hostValues)]),
    );
    const told = notes.filter(({ code }) => code.startsWith('env-host'));
    expect(told).toMatchObject([{ code: 'env-host-values' }]);
    expect(told[0]?.message).toMatch(/FRONTEND_PORT, FRONTEND_URL/u);
    expect(JSON.stringify(notes)).not.toContain('new.example');
    const wrong = { ...destination, folder: `${folder}-2`, hostValues: { SECRET_KEY: 'hunter2' } };
    const refused = await rejectionOf(
      restoreBackup(tiny.context, { ...request, destination: wrong }, quietly),
    );
    expect(refused).toMatchObject({ kind: 'usage' });
    expect(String(refused)).not.toContain('hunter2');
    expect(existsSync(`${folder}-2`)).toBe(false);
  });

  it('leaves out, with a warning, extra folders that the settings here do not name', async () => {
    const tiny = await tinyInstall();
    const extra = path.join(tiny.base, 'extra');
    await mkdir(extra);
    const withExtra = contextOf(tiny, { settings: { paths: [extra] } });
    const { backupId } = await createBackup(withExtra, { trigger: 'manual' }, quietly);
    const destination = { way: 'new-install', folder: path.join(tiny.base, 'new') } as const;
    const request = { backupId, destination, safetyBackup: true };
    const { restored, warnings } = await restoreBackup(tiny.context, request, quietly);
    expect(warnings.map(({ code }) => code)).toEqual(['path-left-out']);
    expect(restored.filter((source) => source.startsWith('paths/'))).toEqual([]);
    expect(restored).toContain('persistence');
  });

  it('puts the volumes into the same folder, unless another one is named', async () => {
    const { tiny, backupId } = await backedUp();
    const before = liveState(tiny);
    const folder = path.join(tiny.base, 'new');
    const request: RestoreRequest = {
      backupId,
      destination: { way: 'new-install', folder },
      safetyBackup: true,
      startQuietly: false,
    };
    await restoreBackup(tiny.context, request, quietly);
    const volumes = path.join(folder, 'volumes');
    await rename(volumes, path.join(tiny.base, 'moved'));
    expect(liveState({ folder, volumes: path.join(tiny.base, 'moved') })).toEqual(before);
  });

  it('keeps the project name that the volume of the database bears, in a folder of another name too', async () => {
    const tiny = await tinyInstall();
    const volume = path.join(tiny.volumes, `${path.basename(tiny.folder)}_trinity-data`);
    await mkdir(volume);
    await rename(tiny.data, path.join(volume, '_data'));
    const { backupId } = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    const folder = path.join(tiny.base, 'elsewhere');
    const volumesRoot = path.join(tiny.base, 'docker');
    const { notes, warnings } = await restoreBackup(
      tiny.context,
      { backupId, destination: { way: 'new-install', folder, volumesRoot }, safetyBackup: true },
      quietly,
    );
    expect([warnings, notes.map(({ code }) => code)]).toEqual([[], expect.arrayContaining(['project-name'])]);
    const { dataFolder, databaseFile } = await readInstall({ folder, volumesRoot });
    expect(dataFolder).toBe(path.join(volumesRoot, path.basename(volume), '_data'));
    expect(rowsOf(databaseFile ?? '')).toEqual(rowsOf(path.join(volume, '_data/trinity.db')));
  });
});
