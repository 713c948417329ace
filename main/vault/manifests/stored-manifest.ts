import type { Manifest } from '../../../shared/model/manifest.ts';

export type ManifestState = 'live' | 'trashed';

/** When a backup went to the trash, and when it goes for good, in ms since 1970 by the clock of the storage. */
export type InTrash = Readonly<{ trashedAtMs?: number; deadlineMs?: number }>;

export type StoredManifest = Readonly<{ manifest: Manifest; state: ManifestState }> & InTrash;

/**
 * A manifest that could not be opened: it may need any chunk, so nothing is collected while it is there. In the trash without a
 * deadline: what says when it goes does not open either.
 */
export type UnreadableManifest = Readonly<{ backupId: string; state: ManifestState; reason: string }> &
  InTrash;

export type ManifestList = Readonly<{
  manifests: readonly StoredManifest[];
  unreadable: readonly UnreadableManifest[];
}>;
