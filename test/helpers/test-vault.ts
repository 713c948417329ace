import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Storage } from '../../main/storage/storage.ts';
import { createStorage, openStorage } from '../../main/storage/open-storage.ts';
import { newRecoveryKey } from '../../main/vault/keys/recovery-key.ts';
import { createVault, openVault } from '../../main/vault/open-vault.ts';
import type { OpenedVault, VaultOptions } from '../../main/vault/open-vault.ts';
import type { OpenedWriter } from '../../main/vault/opened-writer.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { batchOf, idsIn } from './packed-chunks.ts';
import { tempFolder } from './temp-folder.ts';

export type TestVault = Readonly<{
  storage: Storage;
  vault: OpenedVault;
  /** Everything that any opening of this vault had to tell. */
  notes: Finding[];
  /** The same vault as another process would open it, or through another storage. */
  reopen: (options?: Partial<VaultOptions>) => Promise<OpenedVault>;
}>;

/** A new vault in a temporary folder (or in a storage of the test), closed when the test has ended. */
export async function newTestVault(options: Partial<VaultOptions> = {}): Promise<TestVault> {
  const folder = await tempFolder();
  const location = { kind: 'folder', path: join(folder, 'vault') } as const;
  const storage = options.storage ?? (await createStorage(location, { reserveBytes: 0 }));
  const notes: Finding[] = [];
  const usual: VaultOptions = {
    storage,
    hostLockFolder: join(folder, 'locks'),
    host: 'test',
    freeSpace: { shareOfTotal: 0, bytes: 0 },
    onNote: (note) => notes.push(note),
    ...options,
  };
  const secret = { kind: 'recovery', recoveryKey: newRecoveryKey() } as const;
  const vault = await createVault({ ...usual, secrets: [secret], now: Date.UTC(2026, 0, 1) });
  onTestFinished(async () => await vault[Symbol.asyncDispose]());
  const reopen = async (other: Partial<VaultOptions> = {}): Promise<OpenedVault> => {
    const reopened = options.storage ?? (await openStorage(location, { reserveBytes: 0 }));
    const again = await openVault({ ...usual, storage: reopened, ...other, secret });
    onTestFinished(async () => await again[Symbol.asyncDispose]());
    return again;
  };
  return { storage, vault, notes, reopen };
}

/** Stores chunks as one batch and gives their ids. */
export async function storeChunks(
  writer: OpenedWriter,
  chunks: readonly Uint8Array[],
  options: Parameters<typeof batchOf>[1] = {},
): Promise<Readonly<{ ids: readonly Uint8Array[]; addedBytes: number; storedBytes: number }>> {
  const { ids, addedBytes, storedBytes } = await writer.chunks.store(batchOf(chunks, options));
  return { ids: idsIn(ids), addedBytes, storedBytes };
}

/** One whole run: stores chunks, flushes, ends. */
export async function storeInRun(
  vault: OpenedVault,
  chunks: readonly Uint8Array[],
): ReturnType<typeof storeChunks> {
  await using writer = await vault.openWriter('test');
  const stored = await storeChunks(writer, chunks);
  await writer.chunks.flush();
  return stored;
}

/** What a reader finds of these chunks. */
export async function readInLease(vault: OpenedVault, ids: Iterable<Uint8Array>): Promise<readonly Buffer[]> {
  await using reader = await vault.openReader('test');
  const chunks: Buffer[] = [];
  for await (const chunk of reader.chunks.readMany(ids)) chunks.push(chunk);
  return chunks;
}

export async function namesIn(storage: Storage, prefix: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list(prefix)) names.push(name);
  return names.toSorted();
}
