import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { newRecoveryKey } from '../../../../main/vault/keys/recovery-key.ts';
import { addSlot, removeSlot, rotateMasterKey, unlockVault } from '../../../../main/vault/keys/vault-keys.ts';
import { CopyLab } from '../../../helpers/copy-lab.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { namesIn } from '../../../helpers/test-vault.ts';
import { quietly } from '../../../helpers/tiny-install.ts';

describe('the keys of a copy', () => {
  it('are those of the vault: a new one opens it, one that was removed does not', async () => {
    const lab = await CopyLab.make();
    const recoveryKey = newRecoveryKey();
    const secret = { kind: 'recovery', recoveryKey } as const;
    const { storage } = lab.source;
    const added = await addSlot(storage, lab.source.vaultKeys, secret, { now: Date.now() });
    lab.source.useKeys(added.keys);
    await lab.copy();
    const copy = await lab.openCopy();
    expect((await unlockVault(copy.storage, secret)).ring.vaultId).toBe(lab.source.id);
    lab.source.useKeys(await removeSlot(storage, lab.source.vaultKeys, added.slotId));
    await lab.copy();
    expect(await rejectionOf(unlockVault(copy.storage, secret))).toMatchObject({ kind: 'no-key' });
  });

  it('open what is sealed after the master key was changed, also where slots were added at the copy meanwhile', async () => {
    const lab = await CopyLab.make();
    await lab.backUp();
    await lab.copy();
    const copy = await lab.reopen();
    const other = { kind: 'recovery', recoveryKey: newRecoveryKey() } as const;
    await addSlot(copy.storage, copy.vaultKeys, other, { now: Date.now() });
    lab.source.useKeys(await rotateMasterKey(lab.source.storage, lab.source.vaultKeys, { now: Date.now() }));
    lab.change('sealed with the new key');
    const second = await lab.backUp();
    await lab.copy();
    expect(await lab.restored(second)).toEqual(await lab.restored(second, lab.tiny.vaultFolder));
    expect(await rejectionOf(unlockVault(copy.storage, other))).toMatchObject({ kind: 'no-key' });
    const names = await namesIn(copy.storage, 'keys/');
    await lab.copy();
    expect(await namesIn(copy.storage, 'keys/')).toEqual(names);
  });

  it('are left alone where backups of the copy need others', async () => {
    const lab = await CopyLab.make();
    await lab.copy();
    const copy = await lab.reopen();
    copy.useKeys(await rotateMasterKey(copy.storage, copy.vaultKeys, { now: Date.now() }));
    await createBackup({ ...lab.context, vault: copy }, { trigger: 'manual', only: ['config'] }, quietly);
    expect(await rejectionOf(lab.copy())).toMatchObject({ kind: 'refused' });
    expect(await lab.listed()).toHaveLength(1);
  });
});
