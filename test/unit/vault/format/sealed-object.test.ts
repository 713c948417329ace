import { describe, expect, it } from 'vitest';
import { maxSealedBytes, openObject, sealObject } from '../../../../main/vault/format/sealed-object.ts';
import type { SealedType } from '../../../../main/vault/format/sealed-object.ts';
import { createTestRing } from '../../../fakes/test-ring.ts';

const types: readonly SealedType[] = ['manifest', 'trash', 'index', 'footer', 'doomed', 'damage', 'pin'];

describe('sealed objects', () => {
  it('open to what was sealed, whatever the length', () => {
    const keys = createTestRing().objectKeys;
    for (const length of [0, 1, 15, 16, 17, 4096, 100_001]) {
      const plaintext = Buffer.alloc(length, length);
      const sealed = sealObject({ keys, type: 'index', objectId: 'ab' }, plaintext);
      expect(openObject({ keys, type: 'index', objectId: 'ab' }, sealed)).toEqual(plaintext);
    }
  });

  it('are damaged when any bit is flipped', () => {
    const keys = createTestRing({ generations: 2 }).objectKeys;
    const context = { keys, type: 'manifest', objectId: '0123456789ab' } as const;
    const sealed = sealObject(context, Buffer.from('a small manifest'));
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => openObject(context, changed), `bit ${bit}`).toThrow(
        expect.objectContaining({ kind: 'damaged' }),
      );
    }
  });

  it('are damaged at every other length', () => {
    const keys = createTestRing().objectKeys;
    const context = { keys, type: 'pin', objectId: 'x' } as const;
    const sealed = sealObject(context, Buffer.from('pinned'));
    const lengths = [...Array(sealed.length).keys(), sealed.length + 1, sealed.length + 16];
    for (const length of lengths) {
      const changed = Buffer.alloc(length);
      sealed.copy(changed);
      expect(() => openObject(context, changed), `${length} bytes`).toThrow(
        expect.objectContaining({ kind: 'damaged' }),
      );
    }
  });

  it('do not pass for another type, another object or another vault', () => {
    const ring = createTestRing();
    const foreign = createTestRing();
    const context = { keys: ring.objectKeys, type: 'manifest', objectId: 'aaaaaaaaaaaa' } as const;
    const sealed = sealObject(context, Buffer.from('content'));
    const others = [
      ...types.filter((type) => type !== 'manifest').map((type) => ({ ...context, type })),
      { ...context, objectId: 'aaaaaaaaaaab' },
      { ...context, keys: { ...ring.objectKeys, vaultId: foreign.vaultId } },
      { ...context, keys: foreign.objectKeys },
    ];
    for (const other of others) {
      expect(() => openObject(other, sealed)).toThrow(expect.objectContaining({ kind: 'damaged' }));
    }
  });

  it('keep types apart by key, not by their type byte alone', () => {
    const keys = createTestRing().objectKeys;
    const sealed = sealObject({ keys, type: 'manifest', objectId: 'a' }, Buffer.from('content'));
    const other = sealObject({ keys, type: 'trash', objectId: 'a' }, Buffer.from('content'));
    sealed.writeUInt8(other.readUInt8(5), 5);
    expect(() => openObject({ keys, type: 'trash', objectId: 'a' }, sealed)).toThrow(
      expect.objectContaining({ kind: 'damaged' }),
    );
  });

  it('of an older generation open with the ring of a newer one, and not the reverse', () => {
    const older = createTestRing();
    const newer = createTestRing({ generations: 2, like: older });
    const context = { type: 'manifest', objectId: 'a' } as const;
    const before = sealObject({ keys: older.objectKeys, ...context }, Buffer.from('before'));
    const after = sealObject({ keys: newer.objectKeys, ...context }, Buffer.from('after'));
    expect(openObject({ keys: newer.objectKeys, ...context }, before).toString()).toBe('before');
    expect(() => openObject({ keys: older.objectKeys, ...context }, after)).toThrow(
      expect.objectContaining({ kind: 'damaged' }),
    );
  });

  it('are refused above the bound before anything is sealed', () => {
    const keys = createTestRing().objectKeys;
    const tooLarge = new Uint8Array(maxSealedBytes);
    expect(() => sealObject({ keys, type: 'index', objectId: 'a' }, tooLarge)).toThrow(
      expect.objectContaining({ kind: 'failed' }),
    );
  });
});
