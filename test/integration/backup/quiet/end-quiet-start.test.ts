import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { endQuietStart } from '../../../../main/backup/quiet/end-quiet-start.ts';
import { readQuietStart } from '../../../../main/backup/quiet/quiet-start-file.ts';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { contextOf } from '../../../helpers/tiny-context.ts';
import { backedUp, inPlace } from '../../../helpers/tiny-backup.ts';
import { quietly, rowsOf, tinyInstall, type TinyInstall } from '../../../helpers/tiny-install.ts';

const nothingOff = { backupId: null, schedules: 0, runs: 0, warnings: [], notes: [] };

function change({ database }: Pick<TinyInstall, 'database'>, sql: string): void {
  const opened = new Database(database);
  opened.exec(sql);
  opened.close();
}

async function restoredQuietly(
  more: string = '',
): Promise<Readonly<{ tiny: TinyInstall; backupId: string; before: ReturnType<typeof rowsOf> }>> {
  const tiny = await tinyInstall();
  if (more !== '') change(tiny, more);
  const before = rowsOf(tiny.database);
  const { backupId } = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
  const request = inPlace(backupId, { only: ['persistence'], startQuietly: true, safetyBackup: false });
  await restoreBackup(tiny.context, request, quietly);
  return { tiny, backupId, before };
}

describe('the end of a quiet start', () => {
  it('turns on exactly what was on, once', async () => {
    const { tiny, backupId, before } = await restoredQuietly();
    expect(rowsOf(tiny.database)).not.toEqual(before);
    expect(await endQuietStart(tiny.context, quietly)).toEqual({
      ...nothingOff,
      backupId,
      schedules: 1,
      runs: 4,
    });
    expect(rowsOf(tiny.database)).toEqual(before);
    change(tiny, 'UPDATE agent_schedules SET enabled = 0');
    expect(await endQuietStart(tiny.context, quietly)).toEqual(nothingOff);
    expect(JSON.stringify(rowsOf(tiny.database)['agent_schedules'])).not.toContain('"enabled":1');
  });

  it('leaves what somebody has changed since, and runs that nothing can take up again', async () => {
    const { tiny } = await restoredQuietly("UPDATE schedule_executions SET status = 'running' WHERE id = 51");
    change(
      tiny,
      `UPDATE schedule_executions SET status = 'failed' WHERE id = 1;
       INSERT INTO agent_schedules VALUES ('s3', 'echo', 'younger', 0);
       DELETE FROM agent_schedules WHERE id = 's1'`,
    );
    expect(await endQuietStart(tiny.context, quietly)).toMatchObject({ schedules: 0, runs: 2 });
    const runs = rowsOf(tiny.database)['schedule_executions'];
    expect(runs).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 1, status: 'failed' }),
        expect.objectContaining({ id: 51, status: 'cancelled' }),
        expect.objectContaining({ id: 101, status: 'queued' }),
      ]),
    );
    expect(JSON.stringify(rowsOf(tiny.database)['agent_schedules'])).not.toContain('"enabled":1');
  });

  it('waits for whoever has the database locked', async () => {
    const { tiny } = await restoredQuietly();
    const other = new Database(tiny.database);
    other.exec('BEGIN IMMEDIATE');
    const ended = endQuietStart(tiny.context, quietly);
    setTimeout(() => other.close(), 250);
    expect(await ended).toMatchObject({ schedules: 1 });
  });

  it('is due until it is done, also when it fails', async () => {
    const { tiny } = await restoredQuietly();
    await writeFile(tiny.database, 'no database');
    await expect(endQuietStart(tiny.context, quietly)).rejects.toMatchObject({ kind: 'failed' });
    expect(await readQuietStart(tiny.context.home)).toBeDefined();
  });
});

describe('what is noted of a quiet start', () => {
  it('goes when a database comes back that is not quiet, and stays when none does', async () => {
    const { tiny, backupId } = await restoredQuietly();
    const again = (only: string) =>
      inPlace(backupId, { only: [only], startQuietly: false, safetyBackup: false });
    await restoreBackup(tiny.context, again('files'), quietly);
    expect(await readQuietStart(tiny.context.home)).toMatchObject({
      backupId,
      folder: tiny.folder,
      isForeign: false,
      schedules: [{ id: 's1', name: 'echo/morning' }],
      runs: ['1', '51', '101', '151'],
    });
    await restoreBackup(tiny.context, again('persistence'), quietly);
    expect(await readQuietStart(tiny.context.home)).toBeUndefined();
  });

  it('is not there when the restore was undone', async () => {
    const { tiny, backupId } = await backedUp();
    const request = inPlace(backupId, { only: ['persistence'], startQuietly: true });
    const failing = restoreBackup(tiny.context, request, quietly, {
      beforeStep: (step) => {
        if (step === 'commit') throw new Error('here');
      },
    });
    await expect(failing).rejects.toThrow('put back');
    expect(await readQuietStart(tiny.context.home)).toBeUndefined();
  });

  it('is of the install that was made anew, and of no other', async () => {
    const { tiny, backupId } = await backedUp();
    const [folder, volumesRoot] = [path.join(tiny.base, 'new/trinity'), path.join(tiny.base, 'new/volumes')];
    const destination = { way: 'new-install', folder, volumesRoot } as const;
    await restoreBackup(
      tiny.context,
      { backupId, destination, safetyBackup: false, startQuietly: true },
      quietly,
    );
    await expect(endQuietStart(tiny.context, quietly)).rejects.toThrow(`install --path ${folder}`);
    const there = contextOf({ ...tiny, folder, volumes: volumesRoot });
    expect(await endQuietStart(there, quietly)).toMatchObject({ schedules: 1, runs: 4 });
    expect(rowsOf(path.join(folder, 'trinity-data/trinity.db'))).toEqual(rowsOf(tiny.database));
    expect(existsSync(path.join(tiny.context.home, 'quiet-start.json'))).toBe(false);
  });
});
