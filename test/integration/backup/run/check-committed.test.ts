import { describe, expect, it } from 'vitest';
import { checkCommitted } from '../../../../main/backup/run/check-committed.ts';
import { chunkIdBytes } from '../../../../main/vault/chunks/chunk-store.ts';
import type { VaultWriter } from '../../../../main/vault/vault.ts';
import { backedUp } from '../../../helpers/tiny-backup.ts';

/** A writer whose vault lacks so many of the chunks that it is asked for. */
function writerThatLacks(writer: VaultWriter, count: number): VaultWriter {
  let left = count;
  const knows = (ids: Uint8Array): Uint8Array => {
    const known = new Uint8Array(ids.length / chunkIdBytes).fill(1);
    for (let index = 0; index < known.length && left > 0; index += 1, left -= 1) known[index] = 0;
    return known;
  };
  const chunks = new Proxy(writer.chunks, {
    get: (real, name) => (name === 'knows' ? knows : bound(real, name)),
  });
  return new Proxy(writer, { get: (real, name) => (name === 'chunks' ? chunks : bound(real, name)) });
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

describe('checkCommitted', () => {
  it('says at once which source of a new backup the vault does not hold whole', async () => {
    const { tiny, backupId } = await backedUp();
    const { manifest } = await tiny.vault.loadManifest(backupId);
    await using writer = await tiny.vault.openWriter('test');
    await checkCommitted(tiny.vault, writer, manifest);
    const checked = checkCommitted(tiny.vault, writerThatLacks(writer, 2), manifest);
    await expect(checked).rejects.toMatchObject({
      kind: 'damaged',
      message: `The vault lacks 2 chunks of persistence of the new backup ${backupId}. Run verify, then back up again.`,
    });
  });
});
