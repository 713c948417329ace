import type { ManifestSource } from '../../shared/model/manifest.ts';
import { captureTree } from '../../main/vault/capture/capture-tree.ts';
import { collectGarbage } from '../../main/vault/upkeep/collect.ts';
import type { CollectRequest, CollectResult } from '../../main/vault/upkeep/collect.ts';
import { verifyVault } from '../../main/vault/upkeep/verify.ts';
import type { VerifyRequest, VerifyResult } from '../../main/vault/upkeep/verify.ts';
import type { OpenedVault } from '../../main/vault/open-vault.ts';
import { MemoryStorage } from '../fakes/memory-storage.ts';
import { createTestManifest, createTestSource } from '../fakes/test-manifest.ts';
import { neverRacyNs } from './capture.ts';
import { newTestVault } from './test-vault.ts';
import type { TestVault } from './test-vault.ts';

/** A vault in memory, whose every byte a test can reach. */
export type CapturedVault = Readonly<{ storage: MemoryStorage; test: TestVault }>;

export async function newCapturedVault(): Promise<CapturedVault> {
  const storage = new MemoryStorage();
  storage.nowMs = Date.now();
  return { storage, test: await newTestVault({ storage }) };
}

/** Backs up a folder as the one source of a backup and gives its id; every file is read. */
export async function backUpFolder(vault: OpenedVault, folder: string): Promise<string> {
  await using writer = await vault.openWriter('backup');
  const { listing } = await captureTree({
    tree: { kind: 'folder', root: folder, exclude: [] },
    racyFromNs: neverRacyNs,
    compress: true,
    writer: writer.chunks,
    reader: writer.chunks,
    keys: vault.keys,
    signal: writer.signal,
  });
  const source: ManifestSource = { ...createTestSource('memory', 'agent-echo-workspace', ['none']), listing };
  const manifest = createTestManifest(vault.id, { sources: [source], generation: writer.generation });
  await writer.commit(manifest);
  return manifest.backupId;
}

export async function verifyOpened(
  vault: OpenedVault,
  options: Partial<VerifyRequest> = {},
): Promise<VerifyResult> {
  await using reader = await vault.openReader('verify');
  return await verifyVault({
    storage: vault.storage,
    ring: vault.ring,
    manifests: vault.manifests,
    inventory: reader.packs,
    reader: reader.chunks,
    openListing: async (root) => await reader.openListing(root),
    data: 'full',
    signal: new AbortController().signal,
    ...options,
  });
}

export async function collectOpened(
  vault: OpenedVault,
  storage: MemoryStorage,
  options: Partial<CollectRequest> = {},
): Promise<CollectResult> {
  await using writer = await vault.openWriter('collect');
  return await collectGarbage({
    storage,
    keys: vault.objectKeys,
    manifests: writer.manifests,
    inventory: writer.packs,
    damage: writer.damage,
    openListing: async (root) => await writer.openListing(root),
    assertHeld: async () => await writer.assertHeld(),
    listLeases: async () => [],
    now: () => storage.nowMs,
    signal: writer.signal,
    ...options,
  });
}
