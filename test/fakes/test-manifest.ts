import { createHash, randomBytes } from 'node:crypto';
import type { ListingRoot, Manifest, ManifestSource } from '../../shared/model/manifest.ts';

/** A manifest that the schema takes, of one source. */
export function createTestManifest(vaultId: string, overrides: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    backupId: randomBytes(6).toString('hex'),
    vaultId,
    installId: 'a'.repeat(32),
    hostId: 'b'.repeat(32),
    generation: 1,
    trigger: 'manual',
    timestamp: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
    productVersion: '0.1.0',
    install: {},
    sources: [createTestSource('memory', 'agent-echo-workspace', ['root'])],
    warnings: [],
    notes: [],
    ...overrides,
  };
}

/** `chunks` are names of the listing's root chunks: their ids are the hashes of the names. */
export function createTestSource(
  component: string,
  volume: string,
  chunks: readonly string[],
): ManifestSource {
  return {
    component,
    volume,
    agents: [],
    state: 'complete',
    listing: createTestRoot(chunks),
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:00.000Z',
    bytesAdded: 0,
    bytesStored: 0,
    frozenMs: 0,
    lockedMs: 0,
    facts: {},
  };
}

export function createTestRoot(chunks: readonly string[]): ListingRoot {
  const rootChunks = chunks.map((name) => testChunkId(name).toString('hex'));
  return { rootChunks, checksum: '0'.repeat(64), entries: 1, files: 1, bytes: 1 };
}

export function testChunkId(name: string): Buffer {
  return createHash('sha256').update(name).digest();
}
