import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recoverJournals } from '../../../../main/backup/restore/swap/recover-journals.ts';
import { journalsFolder, OpenJournal } from '../../../../main/backup/restore/swap/journal.ts';
import { tryLockFile } from '../../../../main/platform/file-lock.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const begun = { restoreId: '0123456789ab', backupId: 'ba9876543210', startedAt: '2026-01-01T00:00:00.000Z' };

describe('recoverJournals', () => {
  it('leaves nothing of a journal that was killed while it was written for the first time', async () => {
    const home = await tempFolder();
    const folder = journalsFolder(home);
    mkdirSync(folder);
    for (const name of ['restore-0123456789ab.json', 'quiesce-0123456789ab.json']) {
      writeFileSync(path.join(folder, `.${name}.tmp`), '{"half');
      writeFileSync(path.join(folder, `${name}.lock`), '');
    }
    expect(await recoverJournals(home)).toEqual({ restores: [], containers: [], leftovers: [] });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing of a journal that was killed while it was written again', async () => {
    const home = await tempFolder();
    const journal = await OpenJournal.begin(home, begun);
    await journal[Symbol.asyncDispose]();
    writeFileSync(path.join(journalsFolder(home), `.restore-${begun.restoreId}.json.tmp`), '{"half');
    const { restores } = await recoverJournals(home);
    expect(restores).toMatchObject([{ restoreId: begun.restoreId, result: 'undone' }]);
    expect(readdirSync(journalsFolder(home))).toEqual([]);
  });

  it('waits for the guard that puts a restore right, where nobody else can be there', async () => {
    const home = await tempFolder();
    const journal = await OpenJournal.begin(home, begun);
    await journal[Symbol.asyncDispose]();
    const guard = await tryLockFile(path.join(journalsFolder(home), `restore-${begun.restoreId}.json.lock`));
    const waited = Promise.withResolvers<void>();
    const recovering = recoverJournals(home, { onWait: waited.resolve });
    expect(await recoverJournals(home)).toMatchObject({ restores: [] });
    await waited.promise;
    await guard?.[Symbol.asyncDispose]();
    expect((await recovering).restores).toMatchObject([{ restoreId: begun.restoreId, result: 'undone' }]);
  });

  it('lets a journal alone whose owner lives, also while it is written', async () => {
    const home = await tempFolder();
    await using _ = await OpenJournal.begin(home, begun);
    const temporary = `.restore-${begun.restoreId}.json.tmp`;
    writeFileSync(path.join(journalsFolder(home), temporary), '{"half');
    expect(await recoverJournals(home)).toEqual({ restores: [], containers: [], leftovers: [] });
    expect(readdirSync(journalsFolder(home))).toContain(temporary);
  });
});
