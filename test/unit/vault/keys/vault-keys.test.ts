import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { renderCheckedJson, withChecksum } from '../../../../main/vault/format/checked-json.ts';
import { createHeader, headerNames, readHeader, repairHeader } from '../../../../main/vault/keys/header.ts';
import {
  keyFileCopyName,
  keyFileName,
  readKeyFile,
  renderKeyFile,
  repairKeyFile,
} from '../../../../main/vault/keys/key-file.ts';
import { KeyRing } from '../../../../main/vault/keys/key-ring.ts';
import { newRecoveryKey } from '../../../../main/vault/keys/recovery-key.ts';
import { renderRing } from '../../../../main/vault/keys/ring-seal.ts';
import {
  addSlot,
  createVaultKeys,
  listSlots,
  refreshKeys,
  removeSlot,
  rotateMasterKey,
  unlockVault,
} from '../../../../main/vault/keys/vault-keys.ts';
import type { VaultKeys } from '../../../../main/vault/keys/vault-keys.ts';
import { MemoryStorage, ProcessDied } from '../../../fakes/memory-storage.ts';
import { createTestRing } from '../../../fakes/test-ring.ts';

const options = { now: Date.UTC(2026, 0, 1), scryptN: 32_768 } as const;
const recovery = { kind: 'recovery', recoveryKey: newRecoveryKey() } as const;
const device = { kind: 'device', deviceKey: randomBytes(32) } as const;
const passphrase = { kind: 'passphrase', passphrase: 'correct horse' } as const;
const noKey = expect.objectContaining({ kind: 'no-key' });
const damaged = expect.objectContaining({ kind: 'damaged' });
const refused = expect.objectContaining({ kind: 'refused' });

async function makeVault(): Promise<{ storage: MemoryStorage; keys: VaultKeys }> {
  const storage = new MemoryStorage();
  return { storage, keys: await createVaultKeys(storage, [recovery, device], options) };
}

describe('a new vault', () => {
  it('opens with each of its keys, to the same ring', async () => {
    const storage = new MemoryStorage();
    const made = await createVaultKeys(storage, [passphrase, recovery, device], options);
    for (const secret of [passphrase, recovery, device]) {
      const keys = await unlockVault(storage, secret);
      expect(keys.ring.threadKeys).toEqual(made.ring.threadKeys);
      expect(keys.ring.objectKeys).toEqual(made.ring.objectKeys);
      expect(keys.problems).toEqual([]);
    }
    expect((await listSlots(storage)).map((slot) => slot.kind)).toEqual(['passphrase', 'recovery', 'device']);
  });

  it('opens with a passphrase typed in another composition of the same letters', async () => {
    const storage = new MemoryStorage();
    await createVaultKeys(storage, [{ kind: 'passphrase', passphrase: 'caf\u00e9 au lait' }], options);
    await unlockVault(storage, { kind: 'passphrase', passphrase: 'cafe\u0301 au lait' });
  });

  it('says no-key for a wrong key of any kind', async () => {
    const storage = new MemoryStorage();
    await createVaultKeys(storage, [passphrase, recovery, device], options);
    const wrong = [
      { kind: 'passphrase', passphrase: 'correct horse ' },
      { kind: 'recovery', recoveryKey: newRecoveryKey() },
      { kind: 'device', deviceKey: randomBytes(32) },
      { kind: 'device', deviceKey: randomBytes(31) },
    ] as const;
    for (const secret of wrong) await expect(unlockVault(storage, secret)).rejects.toEqual(noKey);
  });

  it('is refused without a portable key, or with an empty or short passphrase, and leaves no vault', async () => {
    const storage = new MemoryStorage();
    await expect(createVaultKeys(storage, [device], options)).rejects.toEqual(refused);
    // The last: seven letters, in more than eight bytes and, decomposed, code points.
    for (const text of ['', '1234567', '\u00e9t\u00e9s bl'.normalize('NFD')]) {
      const short = { kind: 'passphrase', passphrase: text } as const;
      await expect(createVaultKeys(storage, [recovery, short], options)).rejects.toEqual(
        expect.objectContaining({ kind: 'usage' }),
      );
    }
    expect(storage.names()).toEqual([]);
  });

  it('is refused where a vault is, also one whose header is lost, and changes nothing there', async () => {
    const { storage } = await makeVault();
    const before = storage.clone();
    const usage = expect.objectContaining({ kind: 'usage' });
    await expect(createVaultKeys(storage, [recovery], options)).rejects.toEqual(usage);
    expect(storage.objects).toEqual(before.objects);
    storage.setBytes('backups/0123456789ab', Buffer.from('x'));
    for (const name of headerNames) storage.objects.delete(name);
    await expect(createVaultKeys(storage, [recovery], options)).rejects.toEqual(usage);
    await expect(readHeader(storage)).rejects.toEqual(damaged);
  });

  it('is whole or not there when the process dies at any write, and can be made again', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let mutation = 1; mutation <= 4; mutation += 1) {
        const dying = new MemoryStorage();
        dying.dieAt(mutation, when);
        await expect(createVaultKeys(dying, [recovery, device], options)).rejects.toThrow(ProcessDied);
        const storage = dying.revive();
        const isThere = storage.objects.has(headerNames[0]);
        if (!isThere) await createVaultKeys(storage, [recovery, device], options);
        const keys = await unlockVault(storage, recovery);
        await repairHeader(storage, keys.ring);
        expect((await unlockVault(storage, device)).problems).toEqual([]);
      }
    }
  });
});

describe('changes of keys', () => {
  it('add a passphrase with the device key alone', async () => {
    const { storage } = await makeVault();
    const keys = await unlockVault(storage, device);
    await addSlot(storage, keys, passphrase, options);
    expect((await unlockVault(storage, passphrase)).ring.objectKeys).toEqual(keys.ring.objectKeys);
  });

  it('keep the last portable key', async () => {
    const { storage, keys } = await makeVault();
    await expect(removeSlot(storage, keys, keys.slotId)).rejects.toEqual(refused);
    await expect(removeSlot(storage, keys, '0'.repeat(16))).rejects.toEqual(
      expect.objectContaining({ kind: 'not-found' }),
    );
    await unlockVault(storage, recovery);
  });

  it('rotate without any secret but the one that opened, and every key opens the new ring', async () => {
    const { storage } = await makeVault();
    const keys = await unlockVault(storage, device);
    const hash = keys.ring.hostHash('host');
    const rotated = await rotateMasterKey(storage, keys, options);
    expect(rotated.ring.generation).toBe(2);
    expect(rotated.ring.threadKeys.current).not.toEqual(keys.ring.threadKeys.current);
    expect(rotated.ring.threadKeys.all[0]).toEqual(keys.ring.threadKeys.current);
    expect(rotated.ring.hostHash('host')).toBe(hash);
    for (const secret of [recovery, device]) {
      expect((await unlockVault(storage, secret)).ring.threadKeys).toEqual(rotated.ring.threadKeys);
    }
    expect((await refreshKeys(storage, keys)).ring.generation).toBe(2);
  });

  it('lock a removed key out of the master keys made after it, even with what it had kept', async () => {
    const { storage, keys } = await makeVault();
    const thief = await unlockVault(storage, device);
    const removed = await removeSlot(storage, keys, thief.slotId);
    await rotateMasterKey(storage, removed, options);
    await expect(unlockVault(storage, device)).rejects.toEqual(noKey);
    await expect(refreshKeys(storage, thief)).rejects.toEqual(noKey);
    await expect(addSlot(storage, thief, passphrase, options)).rejects.toEqual(noKey);
  });

  it('of two processes at once both take effect', async () => {
    const { storage, keys } = await makeVault();
    const [first, second] = await Promise.all([
      rotateMasterKey(storage, keys, options),
      addSlot(storage, keys, passphrase, options),
    ]);
    expect(first.ring.generation).toBe(2);
    const opened = await unlockVault(storage, passphrase);
    expect(opened.ring.generation).toBe(2);
    expect(opened.slots.map((slot) => slot.id)).toContain(second.slotId);
  });

  it('are all old or all new when the process dies at any write or delete, and every key opens', async () => {
    const changes = [
      async (storage: MemoryStorage, keys: VaultKeys) => void (await rotateMasterKey(storage, keys, options)),
      async (storage: MemoryStorage, keys: VaultKeys) =>
        void (await addSlot(storage, keys, { kind: 'device', deviceKey: Buffer.alloc(32, 1) }, options)),
      async (storage: MemoryStorage, keys: VaultKeys) => void (await removeSlot(storage, keys, keys.slotId)),
    ];
    for (const change of changes) {
      for (const when of ['before', 'after'] as const) {
        for (let mutation = 1; mutation <= 4; mutation += 1) {
          const { storage: whole } = await makeVault();
          const dying = whole.clone();
          const keys = await unlockVault(dying, device);
          dying.dieAt(mutation, when);
          await expect(change(dying, keys)).rejects.toThrow(ProcessDied);
          const storage = dying.revive();
          const opened = await unlockVault(storage, recovery);
          expect(opened.ring.masters[0]).toEqual(keys.ring.masters[0]);
          const survivor = await rotateMasterKey(storage, opened, options);
          expect(await unlockVault(storage, recovery)).toMatchObject({ problems: [], slots: survivor.slots });
          expect(storage.names('keys/')).toHaveLength(2);
        }
      }
    }
  });
});

describe('damage to header and keys', () => {
  it('is never a wrong key when a read fails: the error of the storage is thrown and nothing is changed', async () => {
    const { storage } = await makeVault();
    const names = [...headerNames, keyFileName(1), keyFileCopyName(1)];
    for (const name of names) {
      for (const method of ['read', 'stat', 'list'] as const) {
        const faulty = storage.clone();
        faulty.onCall = (call) => {
          const isHit = call.method === method && (call.name === name || call.method === 'list');
          if (isHit) throw new AppError('failed', 'EIO');
        };
        await expect(unlockVault(faulty, recovery)).rejects.toEqual(
          expect.objectContaining({ kind: 'failed' }),
        );
        expect(faulty.objects).toEqual(storage.objects);
      }
    }
  });

  it('of one copy is said, opens all the same, and is repaired from the other, whatever bit it is', async () => {
    const { storage } = await makeVault();
    for (const name of [...headerNames, keyFileName(1), keyFileCopyName(1)]) {
      const { length } = storage.bytesOf(name);
      const bits = Array.from({ length: length * 8 }, (_, bit) => bit).filter(
        (bit) => length < 500 || bit % 53 === 0,
      );
      for (const bit of bits) {
        const changed = storage.clone();
        changed.flipBit(name, bit);
        const found = await unlockVault(changed, recovery);
        expect(found.problems.map((problem) => problem.message).join(' '), `${name} bit ${bit}`).toContain(
          name,
        );
      }
      for (const lost of ['missing', 'empty', 'longer'] as const) {
        const changed = storage.clone();
        if (lost === 'missing') changed.objects.delete(name);
        else
          changed.setBytes(
            name,
            lost === 'empty' ? Buffer.alloc(0) : Buffer.concat([storage.bytesOf(name), Buffer.from('\n')]),
          );
        const keys = await unlockVault(changed, recovery);
        expect(keys.problems).toHaveLength(1);
        await repairHeader(changed, keys.ring);
        await repairKeyFile(changed);
        expect((await unlockVault(changed, recovery)).problems).toEqual([]);
        expect(changed.bytesOf(name)).toEqual(storage.bytesOf(name));
      }
    }
  });

  it('of both copies is said as damage', async () => {
    const { storage } = await makeVault();
    const withoutHeader = storage.clone();
    for (const name of headerNames) withoutHeader.flipBit(name, 100);
    await expect(unlockVault(withoutHeader, recovery)).rejects.toEqual(damaged);
    const withoutKeys = storage.clone();
    for (const name of storage.names('keys/')) withoutKeys.flipBit(name, 100);
    await expect(unlockVault(withoutKeys, recovery)).rejects.toEqual(damaged);
    for (const name of storage.names('keys/')) withoutKeys.objects.delete(name);
    await expect(unlockVault(withoutKeys, recovery)).rejects.toEqual(damaged);
    await expect(unlockVault(new MemoryStorage(), recovery)).rejects.toEqual(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });

  it('is seen when keys or header of another vault are put in their place', async () => {
    const { storage } = await makeVault();
    const { storage: other } = await makeVault();
    for (const prefix of ['keys/', 'vault']) {
      const mixed = storage.clone();
      for (const name of other.names(prefix)) mixed.setBytes(name, other.bytesOf(name));
      await expect(unlockVault(mixed, recovery)).rejects.toEqual(damaged);
    }
    const half = storage.clone();
    half.setBytes('vault.json', other.bytesOf('vault.json'));
    await expect(unlockVault(half, recovery)).rejects.toEqual(damaged);
  });

  it('is seen when the header was changed by somebody without a key, checksum and all', async () => {
    const { storage, keys } = await makeVault();
    const { header } = await readHeader(storage);
    const { vaultId, mac } = header;
    const created = '2020-01-01T00:00:00.000Z';
    const bytes = renderCheckedJson({ product: 'trinity-backup', format: 1, vaultId, created, mac });
    for (const name of headerNames) storage.setBytes(name, bytes);
    await expect(unlockVault(storage, recovery)).rejects.toEqual(damaged);
    await expect(repairHeader(storage, keys.ring)).rejects.toEqual(damaged);
  });

  it('is seen when an older key file is put under a newer number, to bring a removed key back', async () => {
    const { storage, keys } = await makeVault();
    const old = storage.bytesOf(keyFileName(1));
    const thief = await unlockVault(storage, device);
    await removeSlot(storage, keys, thief.slotId);
    storage.setBytes(keyFileName(3), old);
    await expect(unlockVault(storage, device)).rejects.toEqual(noKey);
    expect((await readKeyFile(storage)).file.revision).toBe(2);
  });

  it('is seen when somebody without a key puts a ring of his own in, header and all', async () => {
    const { storage, keys } = await makeVault();
    const { file } = await readKeyFile(storage);
    const forged = createTestRing();
    const masters = forged.masters;
    const bytes = renderRing(keys.ring.vaultId, 2, { slots: file.slots, masters });
    for (const name of [keyFileName(2), keyFileCopyName(2)]) storage.setBytes(name, bytes);
    for (const name of headerNames) storage.objects.delete(name);
    await createHeader(storage, new KeyRing(keys.ring.vaultId, masters), '2026-01-01T00:00:00.000Z');
    await expect(unlockVault(storage, recovery)).rejects.toEqual(damaged);
    await expect(refreshKeys(storage, keys)).rejects.toEqual(damaged);
  });

  it('is told apart from a newer format', async () => {
    const { storage } = await makeVault();
    const newer = renderCheckedJson({ product: 'trinity-backup', format: 2, anything: true });
    for (const name of headerNames) storage.setBytes(name, newer);
    await expect(unlockVault(storage, recovery)).rejects.toEqual(
      expect.objectContaining({ kind: 'unavailable' }),
    );
  });

  it('never asks for scrypt parameters out of bounds', async () => {
    const storage = new MemoryStorage();
    await createVaultKeys(storage, [passphrase], options);
    const text = storage.bytesOf(keyFileName(1)).toString('utf8');
    for (const [from, to] of [
      ['"n":32768', '"n":2147483648'],
      ['"n":32768', '"n":2'],
      ['"r":8', '"r":800000'],
      ['"p":1', '"p":1000000'],
    ] as const) {
      const start = text.replace(from, to).replace(/,"checksum":"[0-9a-f]{64}"\}\n$/, '');
      for (const name of storage.names('keys/')) storage.setBytes(name, withChecksum(start));
      await expect(unlockVault(storage, passphrase)).rejects.toEqual(damaged);
    }
  });

  it('never spends minutes on the passphrases of one key file, and writes none that would ask for that', async () => {
    const storage = new MemoryStorage();
    await createVaultKeys(storage, [passphrase], options);
    const { file } = await readKeyFile(storage);
    const [slot] = file.slots;
    if (slot?.derive.name !== 'scrypt') throw new Error('One passphrase.');
    const costly = { ...slot, derive: { ...slot.derive, n: 262_144, p: 4 } } as const;
    const slots = Array.from({ length: 64 }, () => costly);
    const { checksum: _, ...text } = JSON.parse(storage.bytesOf(keyFileName(1)).toString('utf8')) as {
      checksum: string;
    };
    const hostile = withChecksum(JSON.stringify({ ...text, slots }).slice(0, -1));
    for (const name of storage.names('keys/')) storage.setBytes(name, hostile);
    const other = { kind: 'passphrase', passphrase: 'another horse' } as const;
    await expect(unlockVault(storage, other)).rejects.toEqual(damaged);
    const render = (count: number): Buffer =>
      renderKeyFile({ vaultId: file.vaultId, revision: 2, slots: slots.slice(0, count) }, () => file.ring);
    expect(render(2).length).toBeGreaterThan(1000);
    expect(() => render(3)).toThrow(refused);
  });
});
