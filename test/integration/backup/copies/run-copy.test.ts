import { renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setPinned } from '../../../../main/backup/keep-backups.ts';
import { listPins } from '../../../../main/vault/manifests/pins.ts';
import { listProofs, recordProof } from '../../../../main/vault/manifests/proofs.ts';
import { CopyLab } from '../../../helpers/copy-lab.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { namesIn } from '../../../helpers/test-vault.ts';
import { tinyInstall } from '../../../helpers/tiny-install.ts';

describe('runCopy', () => {
  it('makes a vault of its own, that restores when the other is gone', async () => {
    const lab = await CopyLab.make();
    const first = await lab.backUp();
    lab.change('changed');
    const second = await lab.backUp();
    const expected = [
      await lab.restored(first, lab.tiny.vaultFolder),
      await lab.restored(second, lab.tiny.vaultFolder),
    ];
    expect(await lab.copy()).toMatchObject({
      copied: [second, first],
      problems: [],
      settled: [second, first],
      backups: 2,
    });
    renameSync(lab.tiny.vaultFolder, `${lab.tiny.vaultFolder}-gone`);
    expect(await lab.listed()).toEqual([second, first]);
    expect([await lab.restored(first), await lab.restored(second)]).toEqual(expected);
    expect(await lab.verify()).toMatchObject({ ok: true, damaged: [] });
  });

  it('sends only what the copy does not hold, and nothing twice', async () => {
    const lab = await CopyLab.make();
    await lab.backUp();
    const all = await lab.copy();
    expect(all.packs).toBe(all.sentPacks);
    expect(await lab.copy()).toMatchObject({ copied: [], sentPacks: 0, sentBytes: 0, packs: all.packs });
    lab.change('changed');
    const second = await lab.backUp();
    const more = await lab.copy();
    expect(more.copied).toEqual([second]);
    expect(more.sentBytes).toBeLessThan(all.sentBytes);
    expect(await namesIn((await lab.openCopy()).storage, 'packs/')).toEqual(
      await namesIn(lab.source.storage, 'packs/'),
    );
  });

  it('goes on while the vault is being written, and writes nothing there', async () => {
    const lab = await CopyLab.make();
    const id = await lab.backUp(['config']);
    await using writer = await lab.source.openWriter('backup');
    const before = await namesIn(lab.source.storage, '');
    expect((await lab.copy()).copied).toEqual([id]);
    await writer.assertHeld();
    expect(await namesIn(lab.source.storage, '')).toEqual(before);
  });

  it('refuses a place that holds another vault, and changes nothing there', async () => {
    const lab = await CopyLab.make();
    const other = await tinyInstall();
    const before = await namesIn(other.vault.storage, '');
    const target = await lab.openCopy({}, other.vaultFolder);
    expect(await rejectionOf(lab.copy({ target }))).toMatchObject({ kind: 'refused' });
    expect(await namesIn(other.vault.storage, '')).toEqual(before);
  });

  it('carries pins and proofs', async () => {
    const lab = await CopyLab.make();
    const id = await lab.backUp();
    await setPinned(lab.context, id, true);
    const { storage, objectKeys } = lab.source;
    await recordProof(storage, objectKeys, { backupId: id, sources: ['config'] });
    await lab.copy();
    const copy = await lab.reopen();
    expect((await listPins(copy.storage, copy.objectKeys)).backupIds).toEqual(new Set([id]));
    expect(await listProofs(copy.storage, copy.objectKeys)).toEqual(await listProofs(storage, objectKeys));
    await setPinned(lab.context, id, false);
    await recordProof(copy.storage, copy.objectKeys, { backupId: id, sources: ['files'] });
    await lab.copy();
    expect((await listPins(copy.storage, copy.objectKeys)).backupIds).toEqual(new Set());
    const [proof] = await listProofs(copy.storage, copy.objectKeys);
    expect(Object.keys(proof?.provenAtMs ?? {}).toSorted()).toEqual(['config', 'files']);
  });
});
