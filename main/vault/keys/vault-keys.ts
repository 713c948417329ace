import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Storage } from '../../storage/storage.ts';
import { checkHeader, createHeader, newVaultId, readHeader, refuseWhereVaultIs } from './header.ts';
import { keyFileCopyName, keyFileName, nextRevision, readKeyFile, writeKeyFile } from './key-file.ts';
import type { KeyFile, KeySlot } from './key-file.ts';
import { KeyRing } from './key-ring.ts';
import type { MasterKey } from './key-ring.ts';
import { openRing, renderRing } from './ring-seal.ts';
import { newSlot, openSlot } from './slot-secret.ts';
import type { SlotBase, SlotPrivate, SlotSecret } from './slot-secret.ts';

export type SlotInfo = Readonly<{ id: string; kind: KeySlot['kind']; created: string }>;

/** An opened vault's keys. A change of the keys gives a new one; the ring of an old one goes on opening what was there. */
export type VaultKeys = Readonly<{
  ring: KeyRing;
  /** The slot that opened the vault. */
  slotId: string;
  slots: readonly SlotInfo[];
  /** Copies of header or key file that are damaged or missing while the other is good. */
  problems: readonly Finding[];
  opener: SlotPrivate;
}>;

/** `now` in ms since 1970; `scryptN` for tests. */
export type KeyOptions = Readonly<{ now: number; scryptN?: 32_768 }>;

/** A change of slots and master keys, from what the newest revision holds. */
type Change = (
  state: Readonly<{ slots: readonly SlotBase[]; masters: readonly MasterKey[] }>,
) => Promise<Readonly<{ slots: readonly SlotBase[]; masters: readonly MasterKey[] }>>;

/**
 * Makes the header and the keys of a new vault, one slot for each secret; the first one counts as the opener. `refused` where a
 * vault is. Dying before the end leaves no vault, and the next call does not mind what is left.
 */
export async function createVaultKeys(
  storage: Storage,
  secrets: readonly SlotSecret[],
  options: KeyOptions,
): Promise<VaultKeys> {
  await refuseWhereVaultIs(storage);
  const created = isoTime(options);
  const masters = [newMaster(1, created)];
  const ring = new KeyRing(newVaultId(), masters);
  const about = { vaultId: ring.vaultId, created, commitment: ring.commitment(), ...scryptOption(options) };
  const slots: SlotBase[] = [];
  for (const secret of secrets) slots.push(await newSlot(secret, about));
  const [first] = slots;
  const [firstSecret] = secrets;
  if (first === undefined || firstSecret === undefined)
    throw new AppError('usage', 'A vault needs a passphrase or a recovery key.');
  requirePortable(slots);
  const opener = await openSlot(ring.vaultId, first, firstSecret);
  if (opener === undefined) throw new Error('a new slot does not open');
  const bytes = renderRing(ring.vaultId, 1, { slots, masters });
  // There is no header: whatever lies here is of a vault that was never finished.
  for await (const { name } of storage.list('keys/')) await storage.delete(name);
  for (const name of [keyFileName(1), keyFileCopyName(1)]) await storage.put(name, [bytes]);
  await createHeader(storage, ring, created);
  return { ring, slotId: first.id, slots: slots.map((slot) => slotInfo(slot)), problems: [], opener };
}

/**
 * Opens the vault: `no-key` when no slot fits, `damaged`, `not-found` or `unavailable` as `readHeader` says. A slot that cannot be
 * read just now throws the error of the storage, never `no-key`.
 */
export async function unlockVault(storage: Storage, secret: SlotSecret): Promise<VaultKeys> {
  const { header, problems } = await readHeader(storage);
  const read = await readKeyFile(storage);
  if (read.file.vaultId !== header.vaultId) throw foreignKeys();
  for (const slot of read.file.slots) {
    const opener = await openSlot(header.vaultId, slot, secret);
    if (opener === undefined) continue;
    const keys = openWith(read.file, slot.id, opener);
    checkHeader(header, keys.ring);
    return { ...keys, problems: [...problems, ...read.problems] };
  }
  throw noKeyFits(read.file, secret.kind);
}

/** The slots as the vault lists them; needs no key. */
export async function listSlots(storage: Storage): Promise<readonly SlotInfo[]> {
  const { file } = await readKeyFile(storage);
  return file.slots.map((slot) => slotInfo(slot));
}

/** The keys as they are now, after another process may have changed them. */
export async function refreshKeys(storage: Storage, keys: VaultKeys): Promise<VaultKeys> {
  const { file, problems } = await readKeyFile(storage);
  return { ...reopen(file, keys), problems };
}

/** Adds a slot; whoever has the vault open may, whatever key opened it. Under the writer lock, like all changes of keys. */
export async function addSlot(
  storage: Storage,
  keys: VaultKeys,
  secret: SlotSecret,
  options: KeyOptions,
): Promise<Readonly<{ keys: VaultKeys; slotId: string }>> {
  const { vaultId } = keys.ring;
  const about = {
    vaultId,
    created: isoTime(options),
    commitment: keys.ring.commitment(),
    ...scryptOption(options),
  };
  const slot = await newSlot(secret, about);
  const changed = await changeKeys(storage, keys, async ({ slots, masters }) => ({
    slots: [...slots, slot],
    masters,
  }));
  return { keys: changed, slotId: slot.id };
}

/**
 * Removes a slot; `not-found` by its id, `refused` for the last portable one. This is not revocation: whoever had the key and a copy
 * of the vault can open that copy, and the data of today, for good. `rotateMasterKey` afterwards locks them out of what is new.
 */
export async function removeSlot(storage: Storage, keys: VaultKeys, slotId: string): Promise<VaultKeys> {
  return await changeKeys(storage, keys, async ({ slots, masters }) => {
    if (!slots.some((slot) => slot.id === slotId))
      throw new AppError('not-found', `The vault has no key ${slotId}. List them with keys list.`);
    const left = slots.filter((slot) => slot.id !== slotId);
    requirePortable(left);
    return { slots: left, masters };
  });
}

/** Puts a new generation on top of the ring, for the slots that are there: new data is sealed with it, old data stays as it is. */
export async function rotateMasterKey(
  storage: Storage,
  keys: VaultKeys,
  options: KeyOptions,
): Promise<VaultKeys> {
  return await changeKeys(storage, keys, async ({ slots, masters }) => ({
    slots,
    masters: [...masters, newMaster(masters.length + 1, isoTime(options))],
  }));
}

/** Changes what the newest revision holds, anew when another process was faster. */
async function changeKeys(storage: Storage, keys: VaultKeys, change: Change): Promise<VaultKeys> {
  for (;;) {
    const revision = await nextRevision(storage);
    const { file } = await readKeyFile(storage);
    const { ring } = reopen(file, keys);
    const changed = await change({ slots: file.slots, masters: ring.masters });
    const bytes = renderRing(ring.vaultId, revision, changed);
    if (!(await writeKeyFile(storage, revision, bytes))) continue;
    const slots = changed.slots.map((slot) => slotInfo(slot));
    return { ...keys, ring: new KeyRing(ring.vaultId, changed.masters), slots, problems: [] };
  }
}

function openWith(file: KeyFile, slotId: string, opener: SlotPrivate): Omit<VaultKeys, 'problems'> {
  return {
    ring: openRing(file, slotId, opener),
    slotId,
    slots: file.slots.map((slot) => slotInfo(slot)),
    opener,
  };
}

function reopen(file: KeyFile, keys: VaultKeys): Omit<VaultKeys, 'problems'> {
  if (file.vaultId !== keys.ring.vaultId) throw foreignKeys();
  return openWith(file, keys.slotId, keys.opener);
}

function requirePortable(slots: readonly SlotBase[]): void {
  if (slots.some((slot) => slot.kind !== 'device')) return;
  throw new AppError(
    'refused',
    'This is the last passphrase or recovery key of the vault. Add another one first, or nothing could open it elsewhere.',
  );
}

function slotInfo({ id, kind, created }: SlotBase): SlotInfo {
  return { id, kind, created };
}

function newMaster(generation: number, created: string): MasterKey {
  return { generation, created, key: randomBytes(32) };
}

function isoTime(options: KeyOptions): string {
  return new Date(options.now).toISOString();
}

function scryptOption({ scryptN }: KeyOptions): { scryptN?: 32_768 } {
  return scryptN === undefined ? {} : { scryptN };
}

function foreignKeys(): AppError {
  return new AppError(
    'damaged',
    'The keys in this vault are of another vault. Put the folder "keys" back from a copy of the vault.',
  );
}

function noKeyFits(file: KeyFile, kind: SlotSecret['kind']): AppError {
  const names = {
    passphrase: 'passphrase',
    recovery: 'recovery key',
    device: 'device key of this home',
  } as const;
  const hint =
    kind === 'device'
      ? 'Use connect with the passphrase or the recovery key.'
      : 'Check it, or use another key.';
  const reason = file.slots.some((slot) => slot.kind === kind)
    ? 'does not open this vault'
    : 'cannot open this vault, which has no such key';
  return new AppError('no-key', `The ${names[kind]} ${reason}. ${hint}`);
}
