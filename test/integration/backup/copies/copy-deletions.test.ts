import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectGarbage, collectVault } from '../../../../main/backup/collect-service.ts';
import { deleteBackup, undeleteBackup } from '../../../../main/backup/keep-backups.ts';
import { retentionSettings } from '../../../../shared/model/settings.ts';
import { CopyLab } from '../../../helpers/copy-lab.ts';
import { namesIn } from '../../../helpers/test-vault.ts';
import { quietly } from '../../../helpers/tiny-install.ts';

const keepOne = retentionSettings.parse({ newest: 1, daily: 0, weekly: 0, monthly: 0 });

describe('what is deleted at the source', () => {
  it('goes into the trash of the copy with its deadline, and comes back with it', async () => {
    const lab = await CopyLab.make();
    const ids = [await lab.backUp(['config']), await lab.backUp(['config']), await lab.backUp(['config'])];
    const [first = ''] = ids;
    await lab.copy();
    await deleteBackup(lab.context, first, quietly);
    expect(await lab.copy()).toMatchObject({ trashed: [first], problems: [] });
    const here = await lab.source.loadManifest(first);
    expect(await (await lab.reopen()).loadManifest(first)).toEqual(here);
    expect(here.state).toBe('trashed');
    await undeleteBackup(lab.context, first, quietly);
    expect(await lab.copy()).toMatchObject({ copied: [first], sentPacks: 0 });
    expect(await (await lab.reopen()).loadManifest(first)).toMatchObject({ state: 'live' });
    expect(await namesIn((await lab.reopen()).storage, 'trash/')).toEqual([]);
  });

  it('is not sent again when it comes back while the copy had only marked it to be deleted', async () => {
    const lab = await CopyLab.make();
    const ids = [await lab.backUp(['config']), await lab.backUp(['files']), await lab.backUp(['config'])];
    const [, files = ''] = ids;
    await lab.copy();
    {
      await using writer = await lab.source.openWriter('test');
      await writer.trash(files, 0);
    }
    expect(await lab.copy()).toMatchObject({ trashed: [files] });
    const marked = await collectVault(await lab.reopen(), Date.now, quietly);
    expect(marked).toMatchObject({ purgedBackups: [files], deletedPacks: 0 });
    expect(marked.doomedPacks).toBeGreaterThan(0);
    await undeleteBackup(lab.context, files, quietly);
    expect(await lab.copy()).toMatchObject({ copied: [files], sentPacks: 0, problems: [] });
    for (let times = 0; times < 2; times += 1) await collectVault(await lab.reopen(), Date.now, quietly);
    expect(await lab.verify()).toMatchObject({ ok: true });
    expect(await lab.restored(files)).toEqual(await lab.restored(files, lab.tiny.vaultFolder));
  });

  it('goes too when the copy was away as long as it lay in the trash', async () => {
    const lab = await CopyLab.make();
    const ids = [await lab.backUp(['config']), await lab.backUp(['config']), await lab.backUp(['config'])];
    const [first = ''] = ids;
    await lab.copy();
    await trashAndPurge(lab, first);
    expect(await lab.copy()).toMatchObject({ trashed: [first], problems: [] });
    expect(await (await lab.reopen()).loadManifest(first)).toMatchObject({ state: 'trashed' });
    expect((await lab.copy()).trashed).toEqual([]);
  });

  it('stays at the copy when nobody knows that it was deleted: lost there, or made at the copy itself', async () => {
    const lab = await CopyLab.make();
    const ids = [await lab.backUp(['config']), await lab.backUp(['config']), await lab.backUp(['config'])];
    const [first = '', second = ''] = ids;
    await lab.copy();
    rmSync(path.join(lab.tiny.vaultFolder, 'backups', first));
    expect(await lab.copy()).toMatchObject({ trashed: [], problems: [] });
    renameSync(
      path.join(lab.copyFolder, 'backups', first),
      path.join(lab.tiny.vaultFolder, 'backups', first),
    );
    lab.settled = [];
    await trashAndPurge(lab, second);
    expect(await lab.copy()).toMatchObject({ trashed: [], problems: [] });
    expect([...(await lab.listed())].toSorted()).toEqual(ids.toSorted());
  });

  it('takes no more than half of a copy with it, unless somebody says so', async () => {
    const lab = await CopyLab.make();
    const ids = [await lab.backUp(['config']), await lab.backUp(['config']), await lab.backUp(['config'])];
    await lab.copy();
    const gone = ids.slice(0, 2);
    for (const id of gone) await deleteBackup(lab.context, id, quietly);
    const refused = await lab.copy();
    expect(refused).toMatchObject({ trashed: [], problems: [expect.stringContaining('2 of 3 backups')] });
    expect(await lab.listed()).toHaveLength(3);
    expect((await lab.copy({ confirmed: true })).trashed.toSorted()).toEqual(gone.toSorted());
  });

  it('lets nothing go while the clocks differ', async () => {
    const lab = await CopyLab.make();
    const ids = [await lab.backUp(['config']), await lab.backUp(['config']), await lab.backUp(['config'])];
    await lab.copy();
    await deleteBackup(lab.context, ids[0] ?? '', quietly);
    const later = (): number => Date.now() + 6 * 60_000;
    expect(await lab.copy({ now: later })).toMatchObject({
      trashed: [],
      problems: [expect.stringContaining('clocks')],
    });
  });
});

describe('a copy with rules of its own', () => {
  it('gets only what they keep, and keeps it when the vault lets it go', async () => {
    const lab = await CopyLab.make();
    const ids = [await lab.backUp(['config']), await lab.backUp(['config']), await lab.backUp(['config'])];
    const newest = ids[2] ?? '';
    const few = await lab.copy({ rules: keepOne });
    expect(few).toMatchObject({ copied: [newest], trashed: [] });
    expect([...few.settled].toSorted()).toEqual(ids.toSorted());
    await deleteBackup(lab.context, newest, quietly);
    const many = retentionSettings.parse({});
    expect((await lab.copy({ rules: many })).trashed).toEqual([]);
    expect([...(await lab.listed())].toSorted()).toEqual(ids.toSorted());
  });

  it('moves to its trash what they do not keep any more', async () => {
    const lab = await CopyLab.make();
    const first = await lab.backUp(['config']);
    await lab.copy({ rules: keepOne });
    const second = await lab.backUp(['config']);
    expect(await lab.copy({ rules: keepOne })).toMatchObject({
      copied: [second],
      trashed: [first],
      problems: [],
    });
    expect(await lab.listed()).toEqual([second]);
  });
});

async function trashAndPurge(lab: CopyLab, backupId: string): Promise<void> {
  {
    await using writer = await lab.source.openWriter('test');
    await writer.trash(backupId, 0);
  }
  await collectGarbage(lab.context, quietly);
}
