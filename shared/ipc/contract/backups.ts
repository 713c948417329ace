import { z } from 'zod';
import { backupId } from '../../model/backup-id.ts';
import { change, changeCounts, changeKind } from '../../model/comparison.ts';
import { trigger } from '../../model/trigger.ts';
import {
  type CallSpec,
  cursor,
  findings,
  isoTime,
  oneBackup,
  pageLimit,
  shortName,
  shownPath,
} from './parts.ts';

const listedBackup = z.object({
  backupId,
  timestamp: isoTime,
  trigger,
  note: z.string().nullable(),
  components: z.array(z.string()),
  agents: z.array(z.string()),
  files: z.number(),
  bytes: z.number(),
  bytesAdded: z.number(),
  bytesStored: z.number(),
  durationMs: z.number(),
  incomplete: z.boolean(),
  warningCount: z.number(),
  pinned: z.boolean(),
  provenSources: z.number(),
  damaged: z.boolean(),
  sourceCount: z.number(),
  installId: z.string(),
  trinityVersion: z.string().nullable(),
  checksum: z.string(),
  state: z.enum(['live', 'trashed']),
  trashedAt: isoTime.nullable(),
});

const shownSource = z.object({
  component: z.string(),
  volume: z.string(),
  agents: z.array(z.string()),
  state: z.enum(['complete', 'failed']),
  startedAt: isoTime,
  finishedAt: isoTime,
  entries: z.number(),
  files: z.number(),
  bytes: z.number(),
  bytesAdded: z.number(),
  bytesStored: z.number(),
  frozenMs: z.number(),
  lockedMs: z.number(),
  provenAt: isoTime.nullable(),
  facts: z.record(z.string(), z.json()),
});

const shownBackup = listedBackup.extend({
  productVersion: z.string(),
  install: z.record(z.string(), z.json()),
  sources: z.array(shownSource),
  warnings: findings,
  notes: findings,
});

export const listedEntry = z.object({
  component: z.string(),
  volume: z.string(),
  path: z.string(),
  kind: z.enum(['file', 'folder', 'symlink', 'hardlink']),
  size: z.number(),
  mode: z.string(),
  uid: z.number(),
  gid: z.number(),
  mtime: isoTime,
  target: z.string().optional(),
});

const difference = z.object({
  change,
  component: z.string(),
  volume: z.string(),
  path: z.string(),
  before: listedEntry.optional(),
  after: listedEntry.optional(),
});

const differenceGroup = z.object({
  kind: z.literal('group'),
  number: z.number(),
  component: z.string(),
  volume: z.string(),
  folder: z.string(),
  count: z.number(),
  grown: z.number(),
  isClosed: z.boolean(),
});

const foundPath = z.object({
  component: z.string(),
  volume: z.string(),
  path: z.string(),
  versions: z.array(
    z.object({
      backupId,
      timestamp: isoTime,
      kind: listedEntry.shape.kind,
      size: z.number(),
      mtime: isoTime,
      sameAsPrevious: z.boolean(),
    }),
  ),
});

/** A copy of the vault to read; left out, the vault or, while that is away, a copy of it. */
const copy = z.string().max(64).optional();

/** The copy that was read because it was asked for, or because the vault is away; null: the vault. */
const readFrom = z.string().nullable();

/** Looking at backups, and keeping or letting go of them. */
export const backupCalls = {
  'backups.list': {
    input: z.strictObject({
      trashed: z.boolean().default(false),
      cursor: cursor.optional(),
      limit: pageLimit.default(100),
      component: shortName.optional(),
      agent: shortName.optional(),
      trigger: trigger.optional(),
      pinned: z.boolean().optional(),
      from: copy,
    }),
    output: z.object({
      backups: z.array(listedBackup),
      /** Backups that cannot be read; on the first page only. */
      unreadable: z.array(z.object({ backupId, reason: z.string() })),
      next: cursor.nullable(),
      from: readFrom,
      /** Of the whole list, not of the page. */
      total: z.number(),
    }),
  },
  'backups.show': { input: oneBackup.extend({ from: copy }), output: shownBackup.extend({ from: readFrom }) },
  /** What lies directly in a folder of one source, in order: any stretch of it. */
  'backups.files': {
    input: z.strictObject({
      backupId,
      component: shortName,
      volume: shortName,
      path: shownPath,
      offset: z.number().int().min(0).max(1_000_000_000).default(0),
      from: copy,
      limit: pageLimit.default(500),
    }),
    output: z.object({
      files: z.array(listedEntry),
      /** Of the whole folder, not of the page. */
      total: z.number(),
      from: readFrom,
    }),
  },
  'backups.find': {
    input: z.strictObject({ name: z.string().min(1).max(20_000), from: copy }),
    output: z.object({
      found: z.array(foundPath),
      backups: z.number(),
      isCut: z.boolean(),
      unreadable: z.array(z.object({ backupId, source: z.string(), message: z.string() })),
      from: readFrom,
    }),
  },
  /** What differs, below a row for the folder that it lies in: any stretch of what is wished. */
  'backups.compare': {
    input: z.strictObject({
      firstId: backupId,
      secondId: backupId,
      from: copy,
      kind: changeKind.default('content'),
      /** A part of the path. */
      text: shownPath.default(''),
      /** Numbers of folders whose entries are hidden. */
      closed: z.array(z.number().int().min(0)).max(10_000).default([]),
      offset: z.number().int().min(0).max(1_000_000).default(0),
      limit: pageLimit.default(100),
    }),
    output: z.object({
      /** Of all that differs, whatever is wished. */
      counts: changeCounts,
      rows: z.array(
        z.discriminatedUnion('kind', [
          differenceGroup,
          z.object({ kind: z.literal('file'), entry: difference }),
        ]),
      ),
      /** Rows of what is wished, not of the page. */
      total: z.number(),
      /** How many entries can be shown; `isCut`: there are more. */
      listed: z.number(),
      isCut: z.boolean(),
      from: readFrom,
    }),
  },
  'backups.pin': {
    input: z.strictObject({ backupId, isPinned: z.boolean() }),
    output: z.object({ backupId, pinned: z.boolean() }),
  },
  'backups.delete': { input: oneBackup, output: z.object({ backupId, trashDays: z.number() }) },
  'backups.undelete': { input: oneBackup, output: z.object({ backupId }) },
} as const satisfies Record<string, CallSpec>;
