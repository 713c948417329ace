import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Storage } from '../../storage/storage.ts';
import { parseCheckedJson, withChecksum } from '../format/checked-json.ts';
import { readCopies, repairCopies } from '../format/copied-object.ts';
import type { Copy } from '../format/copied-object.ts';

const maxKeyFileBytes = 1024 * 1024;
const maxSlots = 64;
const maxRevision = 99_999_999;
/** Bounds what it takes to try a passphrase on every slot: `n` · `p` of all together, sixteen times the usual 2^17, some five seconds. */
const maxScryptCost = 2_097_152;

const base64 = (bytes: number) =>
  z.base64().refine((text) => Buffer.from(text, 'base64').length === bytes, `must be ${bytes} bytes`);

/** Bounds of scrypt: below them guessing is cheap, above them opening takes too much memory (128 · N · r bytes, 256 MiB). */
const scryptParameters = z.strictObject({
  name: z.literal('scrypt'),
  // 2^15 … 2^18: only powers of two work.
  n: z.union([z.literal(32_768), z.literal(65_536), z.literal(131_072), z.literal(262_144)]),
  r: z.literal(8),
  p: z.number().int().min(1).max(4),
  salt: base64(32),
});
const hkdfParameters = z.strictObject({ name: z.literal('hkdf-sha256'), salt: base64(32) });

export const keySlot = z.strictObject({
  /** 16 random hexadecimal digits. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  kind: z.enum(['passphrase', 'recovery', 'device']),
  created: z.iso.datetime(),
  derive: z.discriminatedUnion('name', [scryptParameters, hkdfParameters]),
  /** X25519 public key of the slot. */
  publicKey: base64(32),
  /** Sealed under the secret: the private key (32 bytes) and the ring's commitment (32 bytes); nonce 12 and tag 16 around. */
  secret: base64(92),
  /** The ring key for this slot: ephemeral X25519 public key, then nonce, sealed key and tag. */
  ephemeralKey: base64(32),
  ringKey: base64(60),
});

export type KeySlot = Readonly<z.infer<typeof keySlot>>;

const keyFileFields = z.strictObject({
  product: z.literal('trinity-backup-keys'),
  format: z.literal(1),
  vaultId: z.string().regex(/^[0-9a-f]{32}$/),
  revision: z.number().int().min(1).max(maxRevision),
  slots: z
    .array(keySlot)
    .min(1)
    .max(maxSlots)
    .refine((slots) => scryptCost(slots) <= maxScryptCost),
  ring: z.base64(),
  checksum: z.string(),
});

export type KeyFile = Readonly<{
  vaultId: string;
  revision: number;
  slots: readonly KeySlot[];
  /** The sealed ring, and the SHA-256 of all bytes of the file before it: its associated data. */
  ring: Buffer;
  ringContext: Buffer;
}>;

export type ReadKeyFile = Readonly<{ file: KeyFile; bytes: Buffer; problems: readonly Finding[] }>;

/** The bytes of a key file; `sealRing` is given the associated data of the ring. */
export function renderKeyFile(
  file: Readonly<{ vaultId: string; revision: number; slots: readonly KeySlot[] }>,
  sealRing: (context: Buffer) => Buffer,
): Buffer {
  const { vaultId, revision, slots } = file;
  if (slots.length > maxSlots)
    throw new AppError('refused', 'The vault has as many keys as it can have. Remove one first.');
  if (scryptCost(slots) > maxScryptCost)
    throw new AppError('refused', 'The vault has as many passphrases as it can have. Remove one first.');
  const start = JSON.stringify({ product: 'trinity-backup-keys', format: 1, vaultId, revision, slots }).slice(
    0,
    -1,
  );
  return withChecksum(`${start},"ring":"${sealRing(sha256(start)).toString('base64')}"`);
}

/**
 * The newest revision that is whole. One that cannot be read just now is no reason to take an older: its error is thrown.
 * `damaged` when there is none.
 */
export async function readKeyFile(storage: Storage): Promise<ReadKeyFile> {
  let revisions = await listRevisions(storage);
  for (;;) {
    const found = await newestWhole(storage, revisions);
    if (found !== undefined) return found;
    // Whoever changes the keys drops the revision that we had listed: the next one is there then.
    const again = await listRevisions(storage);
    if (again.at(-1) === revisions.at(-1)) throw noKeyFile(storage, revisions.length === 0);
    revisions = again;
  }
}

async function newestWhole(storage: Storage, revisions: readonly number[]): Promise<ReadKeyFile | undefined> {
  const problems: Finding[] = [];
  for (const revision of revisions.toReversed()) {
    const copies = await readRevision(storage, revision);
    const good = copies.find((copy) => copy.state === 'good');
    problems.push(...copies.flatMap((copy) => copyProblem(copy)));
    if (good?.state === 'good') return { file: good.value, bytes: good.bytes, problems };
  }
  return undefined;
}

function noKeyFile(storage: Storage, isMissing: boolean): AppError {
  const state = isMissing ? 'missing' : 'damaged';
  const message = `The keys of the vault at ${storage.location} are ${state}. Put the folder "keys" back from a copy of the vault.`;
  return new AppError('damaged', message);
}

/**
 * Writes revision `revision` unless it is taken (false), then drops the older ones. A crash in between leaves the new revision with
 * one copy, or old revisions that nobody reads.
 */
export async function writeKeyFile(storage: Storage, revision: number, bytes: Buffer): Promise<boolean> {
  if (!(await storage.putIfAbsent(keyFileName(revision), [bytes]))) return false;
  await storage.put(keyFileCopyName(revision), [bytes]);
  await dropOlder(storage, revision);
  return true;
}

/** Writes the copies of the newest revision that are damaged or missing anew. Under the writer lock. */
export async function repairKeyFile(storage: Storage): Promise<readonly Finding[]> {
  const { file, bytes, problems } = await readKeyFile(storage);
  await repairCopies(storage, await readRevision(storage, file.revision), bytes);
  if (problems.length > 0) await dropOlder(storage, file.revision);
  return problems;
}

/** The first number above all that are taken, be it by a damaged object. */
export async function nextRevision(storage: Storage): Promise<number> {
  const next = ((await listRevisions(storage)).at(-1) ?? 0) + 1;
  if (next > maxRevision)
    throw new AppError(
      'damaged',
      `There is an object in "keys" with too high a number. Remove ${keyFileName(maxRevision)}.`,
    );
  return next;
}

export function keyFileName(revision: number): string {
  return `keys/${String(revision).padStart(8, '0')}`;
}

export function keyFileCopyName(revision: number): string {
  return `${keyFileName(revision)}-copy`;
}

async function listRevisions(storage: Storage): Promise<readonly number[]> {
  const revisions = new Set<number>();
  for await (const { name } of storage.list('keys/')) {
    const digits = /^keys\/([0-9]{8})(?:-copy)?$/.exec(name)?.[1];
    if (digits !== undefined) revisions.add(Number(digits));
  }
  return [...revisions].toSorted((left, right) => left - right);
}

function readRevision(storage: Storage, revision: number): Promise<readonly Copy<KeyFile>[]> {
  const names = [keyFileName(revision), keyFileCopyName(revision)];
  // A key file under another revision's name was put there by hand, to bring removed keys back.
  const parse = (bytes: Buffer): KeyFile | undefined => {
    const file = parseKeyFile(bytes);
    return file?.revision === revision ? file : undefined;
  };
  return readCopies(storage, { names, maxBytes: maxKeyFileBytes, parse });
}

function parseKeyFile(bytes: Buffer): KeyFile | undefined {
  const parsed = keyFileFields.safeParse(parseCheckedJson(bytes));
  if (!parsed.success) return undefined;
  const { vaultId, revision, slots, ring } = parsed.data;
  const ringStart = bytes.lastIndexOf(',"ring":"');
  return {
    vaultId,
    revision,
    slots,
    ring: Buffer.from(ring, 'base64'),
    ringContext: sha256(bytes.subarray(0, ringStart)),
  };
}

async function dropOlder(storage: Storage, revision: number): Promise<void> {
  for (const older of await listRevisions(storage)) {
    if (older >= revision) continue;
    await storage.delete(keyFileName(older));
    await storage.delete(keyFileCopyName(older));
  }
}

function copyProblem(copy: Copy<KeyFile>): Finding[] {
  if (copy.state === 'good') return [];
  return [
    {
      code: 'key-copy',
      path: copy.name,
      message: `A copy of the vault's keys (${copy.name}) is ${copy.state}. The next backup writes it anew.`,
    },
  ];
}

function scryptCost(slots: readonly Pick<KeySlot, 'derive'>[]): number {
  return slots.reduce((sum, { derive }) => sum + (derive.name === 'scrypt' ? derive.n * derive.p : 0), 0);
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
