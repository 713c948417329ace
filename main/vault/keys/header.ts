import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import type { Storage } from '../../storage/storage.ts';
import { parseCheckedJson, renderCheckedJson } from '../format/checked-json.ts';
import { readCopies, repairCopies } from '../format/copied-object.ts';
import type { Copy } from '../format/copied-object.ts';
import type { KeyRing } from './key-ring.ts';

/** The two copies of the header, which is written once and never changed. */
export const headerNames = ['vault.json', 'vault-copy.json'] as const;
export const vaultFormat = 1;
const maxHeaderBytes = 4096;

const anyHeader = z.looseObject({
  product: z.literal('trinity-backup'),
  format: z.number().int().positive(),
});
const headerFields = z.strictObject({
  product: z.literal('trinity-backup'),
  format: z.literal(vaultFormat),
  vaultId: z.string().regex(/^[0-9a-f]{32}$/),
  created: z.iso.datetime(),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
  checksum: z.string(),
});

export type VaultHeader = Readonly<{ vaultId: string; created: string; mac: string }>;

/** `problems` names a copy that is damaged or missing while the other is good. */
export type ReadHeader = Readonly<{ header: VaultHeader; problems: readonly Finding[] }>;

/** A new random vault id. */
export function newVaultId(): string {
  return randomBytes(16).toString('hex');
}

/** Writes both copies of the header of a new vault, as the last step of making one; `usage` where a vault is. */
export async function createHeader(storage: Storage, ring: KeyRing, created: string): Promise<void> {
  const { vaultId } = ring;
  const mac = ring.headerMac(macText({ vaultId, created }));
  const bytes = renderCheckedJson({ product: 'trinity-backup', format: vaultFormat, vaultId, created, mac });
  const [main, copy] = headerNames;
  await refuseWhereVaultIs(storage);
  if (!(await storage.putIfAbsent(main, [bytes]))) throw vaultIsThere(storage);
  await storage.put(copy, [bytes]);
}

/** `usage` where a vault is, be it a damaged one: its keys must not be written over. Left-over keys of a dead init do not count. */
export async function refuseWhereVaultIs(storage: Storage): Promise<void> {
  for (const name of headerNames) {
    if ((await storage.stat(name)) !== undefined) throw vaultIsThere(storage);
  }
  if (await holdsData(storage)) throw vaultIsThere(storage);
}

async function holdsData(storage: Storage): Promise<boolean> {
  for (const prefix of ['packs/', 'backups/', 'trash/', 'index/']) {
    for await (const _ of storage.list(prefix)) return true;
  }
  return false;
}

function vaultIsThere(storage: Storage): AppError {
  return new AppError('usage', `There is a vault at ${storage.location} already. Use connect to open it.`);
}

/**
 * Reads the header before any key is there. `not-found`: no vault here; `damaged`: both copies are; `unavailable`: written by a
 * newer version, or the copies belong to different vaults.
 */
export async function readHeader(storage: Storage): Promise<ReadHeader> {
  const copies = await readHeaderCopies(storage);
  const good = copies.flatMap((copy) => (copy.state === 'good' ? [copy] : []));
  const [first, second] = good;
  if (first === undefined) throw await noHeader(storage, copies);
  if (second !== undefined && !first.bytes.equals(second.bytes)) {
    throw new AppError(
      'damaged',
      `The two copies of the header at ${storage.location} are of different vaults. Put the right vault.json back.`,
    );
  }
  return { header: first.value, problems: copies.flatMap((copy) => headerProblem(copy)) };
}

/** The bytes of a copy that is good, for a further storage of the same vault. */
export async function headerBytes(storage: Storage): Promise<Buffer> {
  await readHeader(storage);
  const good = (await readHeaderCopies(storage)).find((copy) => copy.state === 'good');
  if (good?.state === 'good') return good.bytes;
  throw new AppError('damaged', `The header of the vault at ${storage.location} cannot be read. Try again.`);
}

/** `damaged` unless the header was written by a holder of this ring's first master key. */
export function checkHeader(header: VaultHeader, ring: KeyRing): void {
  const expected = Buffer.from(ring.headerMac(macText(header)), 'hex');
  const isRight =
    header.vaultId === ring.vaultId && timingSafeEqual(expected, Buffer.from(header.mac, 'hex'));
  if (!isRight)
    throw new AppError(
      'damaged',
      'The header of the vault was changed. Restore vault.json from a copy of the vault.',
    );
}

/** Writes a damaged or missing copy anew from the good one. Under the writer lock, with the ring of this vault. */
export async function repairHeader(storage: Storage, ring: KeyRing): Promise<readonly Finding[]> {
  const { header, problems } = await readHeader(storage);
  checkHeader(header, ring);
  const copies = await readHeaderCopies(storage);
  const good = copies.find((copy) => copy.state === 'good');
  if (good?.state === 'good') await repairCopies(storage, copies, good.bytes);
  return problems;
}

function readHeaderCopies(storage: Storage): Promise<readonly Copy<VaultHeader>[]> {
  return readCopies(storage, { names: headerNames, maxBytes: maxHeaderBytes, parse: parseHeader });
}

function parseHeader(bytes: Buffer): VaultHeader | undefined {
  const json = parseCheckedJson(bytes);
  const any = anyHeader.safeParse(json);
  if (any.success && any.data.format > vaultFormat) {
    throw new AppError(
      'unavailable',
      'This vault was written by a newer version of Trinity Backup. Install that version to open it.',
    );
  }
  const parsed = headerFields.safeParse(json);
  if (!parsed.success) return undefined;
  const { vaultId, created, mac } = parsed.data;
  return { vaultId, created, mac };
}

function macText({ vaultId, created }: Readonly<{ vaultId: string; created: string }>): string {
  return `${vaultFormat}\n${vaultId}\n${created}`;
}

async function noHeader(storage: Storage, copies: readonly Copy<VaultHeader>[]): Promise<AppError> {
  if (copies.every((copy) => copy.state === 'missing') && !(await holdsData(storage))) {
    return new AppError(
      'not-found',
      `There is no vault at ${storage.location}. Check the location, and that its disk is mounted.`,
    );
  }
  return new AppError(
    'damaged',
    `Both copies of the vault's header at ${storage.location} are damaged or missing. Put vault.json back from a copy of the vault.`,
  );
}

function headerProblem(copy: Copy<VaultHeader>): Finding[] {
  if (copy.state === 'good') return [];
  return [
    {
      code: 'header-copy',
      path: copy.name,
      message: `A copy of the vault's header (${copy.name}) is ${copy.state}. The next backup writes it anew.`,
    },
  ];
}
