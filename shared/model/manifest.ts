import { z } from 'zod';
import { backupId } from './backup-id.ts';
import { componentName, volumeName } from './component.ts';
import { finding } from './finding.ts';
import { trigger } from './trigger.ts';

const count = z.number().int().nonnegative();
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

/** Where the listing of a source lies: chunk ids (hex) of its root, in order, and the SHA-256 over their plaintext. */
export const listingRoot = z.strictObject({
  rootChunks: z.array(hex32).min(1).max(256),
  checksum: hex32,
  entries: count,
  files: count,
  /** Sum of the file sizes, holes of sparse files left out. */
  bytes: count,
});

export type ListingRoot = Readonly<z.infer<typeof listingRoot>>;

/** What a handler wants to find again at a restore, by names of its own (a volume's labels, a database's facts). */
const facts = z.record(z.string().max(64), z.json());

const manifestSource = z.strictObject({
  component: componentName,
  volume: volumeName,
  /** Agents that the volume serves, by the name they had. */
  agents: z.array(z.string().max(255)).max(10_000),
  /** `failed` sources hold no listing and count for nothing; they make the backup *incomplete*. */
  state: z.enum(['complete', 'failed']),
  listing: listingRoot.optional(),
  /** When the copying of this source began and ended, ISO 8601 in UTC. */
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  bytesAdded: count,
  bytesStored: count,
  frozenMs: count,
  lockedMs: count,
  facts,
});

export type ManifestSource = Readonly<z.infer<typeof manifestSource>>;

/** What was wrong with a database when it was copied: it is kept as it was, and never goes live. Undefined where nothing was. */
export function damageAtSource({ facts: known }: ManifestSource): string | undefined {
  const { damaged } = known;
  return typeof damaged === 'string' ? damaged : undefined;
}

/** The commit point of a backup: sealed, written last, at `backups/<id>`. */
export const manifest = z.strictObject({
  format: z.literal(1),
  backupId,
  vaultId: z.string().regex(/^[0-9a-f]{32}$/),
  /** Random id of the install (ours), and a keyed hash of the host: installs sharing a vault never count for each other. */
  installId: z.string().regex(/^[0-9a-f]{32}$/),
  hostId: z.string().regex(/^[0-9a-f]{32}$/),
  /** Generation of the writer lock under which it was written. */
  generation: count,
  trigger,
  timestamp: z.iso.datetime(),
  durationMs: count,
  note: z.string().max(2000).optional(),
  productVersion: z.string().max(64),
  /** Facts of the install as a whole: Trinity's version, last migration, key fingerprint, left-out volumes, drift. */
  install: facts,
  sources: z.array(manifestSource).min(1).max(100_000),
  warnings: z.array(finding).max(10_000),
  notes: z.array(finding).max(10_000),
});

export type Manifest = Readonly<z.infer<typeof manifest>>;
