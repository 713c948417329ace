import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { open, seal } from '../format/aead.ts';
import { parseBoundedJson } from '../format/bounded-json.ts';
import { renderKeyFile } from './key-file.ts';
import type { KeyFile } from './key-file.ts';
import { KeyRing } from './key-ring.ts';
import type { MasterKey } from './key-ring.ts';
import { grantRingKey, takeRingKey } from './slot-secret.ts';
import type { SlotBase, SlotPrivate } from './slot-secret.ts';

const hexKey = z.string().regex(/^[0-9a-f]{64}$/);
const sealedRing = z.strictObject({
  masters: z
    .array(
      z.strictObject({ generation: z.number().int().positive(), created: z.iso.datetime(), key: hexKey }),
    )
    .min(1),
});

/**
 * The bytes of a key file. Every revision has a ring key of its own, given to the slots in it: a removed slot does not open later
 * revisions.
 */
export function renderRing(
  vaultId: string,
  revision: number,
  { slots, masters }: Readonly<{ slots: readonly SlotBase[]; masters: readonly MasterKey[] }>,
): Buffer {
  const ringKey = randomBytes(32);
  const granted = slots.map((slot) => grantRingKey(vaultId, slot, ringKey));
  const listed = masters.map(({ generation, created, key }) => ({
    generation,
    created,
    key: Buffer.from(key).toString('hex'),
  }));
  const plaintext = Buffer.from(JSON.stringify({ masters: listed }), 'utf8');
  return renderKeyFile({ vaultId, revision, slots: granted }, (context) => seal(ringKey, context, plaintext));
}

/** The ring, for the slot that was opened; `no-key` when the slot is gone, `damaged` when the ring is not what its members wrote. */
export function openRing(file: KeyFile, slotId: string, opener: SlotPrivate): KeyRing {
  const slot = file.slots.find((candidate) => candidate.id === slotId);
  if (slot === undefined) throw slotIsGone();
  const ringKey = takeRingKey(file.vaultId, slot, opener.privateKey);
  const plaintext = ringKey && open(ringKey, file.ringContext, file.ring);
  if (plaintext === undefined) throw changedKeys();
  const masters = parseBoundedJson(sealedRing, plaintext)?.masters;
  // Only whoever can open the vault gets here, with a ring that no version wrote.
  if (masters?.every(({ generation }, index) => generation === index + 1) !== true) throw changedKeys();
  const opened = masters.map((master) => ({ ...master, key: Buffer.from(master.key, 'hex') }));
  const ring = new KeyRing(file.vaultId, opened);
  if (!timingSafeEqual(ring.commitment(), opener.commitment)) throw changedKeys();
  return ring;
}

function slotIsGone(): AppError {
  return new AppError(
    'no-key',
    'The key that opened the vault was removed from it. Open it with another one.',
  );
}

function changedKeys(): AppError {
  return new AppError(
    'damaged',
    'The keys of this vault were changed by somebody who could not open it. Put the folder "keys" back from a copy.',
  );
}
