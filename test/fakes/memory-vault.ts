import { AppError } from '../../shared/lib/app-error.ts';
import type { Manifest, ManifestSource } from '../../shared/model/manifest.ts';
import { openListing } from '../../main/vault/listing/open-listing.ts';
import { comparePaths } from '../../main/vault/listing/path-order.ts';
import type { Vault, VaultReader } from '../../main/vault/vault.ts';
import { buildListing } from './built-listing.ts';
import { MemoryChunks } from './memory-chunks.ts';
import { MemoryTree } from './memory-listing.ts';
import { createTestManifest, createTestSource } from './test-manifest.ts';

export type TestSource = Readonly<{
  component: string;
  volume?: string;
  agents?: readonly string[];
  tree: MemoryTree;
}>;

/** A vault in memory for what reads backups: real listings, and leases that are counted. */
export class MemoryVault {
  readonly chunks = new MemoryChunks();
  readonly #manifests: Manifest[] = [];
  /** Leases that are held now. */
  leases = 0;

  /** A tree whose content this vault holds. */
  tree(): MemoryTree {
    return new MemoryTree({}, this.chunks);
  }

  /** Commits a backup, newer than those before, and gives its id. */
  async add(sources: readonly TestSource[], overrides: Partial<Manifest> = {}): Promise<string> {
    const number = this.#manifests.length + 1;
    const manifest = createTestManifest('f'.repeat(32), {
      backupId: number.toString(16).padStart(12, '0'),
      timestamp: new Date(Date.UTC(2026, 0, number)).toISOString(),
      sources: await Promise.all(sources.map(async (source) => await this.#source(source))),
      ...overrides,
    });
    this.#manifests.unshift(manifest);
    return manifest.backupId;
  }

  /** What the tested code sees. It calls nothing else than what is here. */
  get vault(): Vault {
    const vault: Pick<Vault, 'listManifests' | 'loadManifest' | 'openReader'> = {
      listManifests: async () => ({
        manifests: this.#manifests.map((manifest) => ({ manifest, state: 'live' })),
        unreadable: [],
      }),
      loadManifest: async (backupId) => {
        const manifest = this.#manifests.find((each) => each.backupId === backupId);
        if (manifest === undefined) {
          throw new AppError('not-found', `There is no backup ${backupId}.`);
        }
        return { manifest, state: 'live' };
      },
      openReader: async () => {
        this.leases += 1;
        const reader: Pick<VaultReader, 'chunks' | 'openListing' | typeof Symbol.asyncDispose> = {
          chunks: this.chunks,
          openListing: async (root) => await openListing(this.chunks, root),
          [Symbol.asyncDispose]: async () => {
            this.leases -= 1;
          },
        };
        return reader as VaultReader;
      },
    };
    // The rest of a vault is not used by readers.
    return vault as Vault;
  }

  async #source({ component, volume = '', agents = [], tree }: TestSource): Promise<ManifestSource> {
    const entries = tree.all.toSorted((a, b) => comparePaths(a.path, a.path.length, b.path, b.path.length));
    const listing = await buildListing(this.chunks, entries, tree.content);
    return { ...createTestSource(component, volume, ['root']), agents: [...agents], listing };
  }
}
