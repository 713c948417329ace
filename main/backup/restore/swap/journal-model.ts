import path from 'node:path';
import { z } from 'zod';
import { agentNameProblem } from '../../../../shared/lib/agent-name.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { backupId } from '../../../../shared/model/backup-id.ts';
import { quietStart } from '../../../../shared/model/quiet-start.ts';
import type { Place } from '../../../components/component-handler.ts';
import { workFolderName } from '../../../components/work-folder.ts';
import { pathBytes, pathText } from '../../../platform/path-text.ts';
import type { FolderMeta } from '../staging/safe-place.ts';
import { splitPath } from '../staging/safe-place.ts';

const maxPath = 20_000;
/** An absolute path of a folder. */
const absolute = z
  .string()
  .startsWith('/')
  .max(maxPath)
  .refine((text) => !text.includes('\0'));
const place = z.strictObject({ root: absolute.max(4096), path: z.string().max(maxPath).refine(isPlainPath) });
/** ns since 1970. */
const whole = z
  .string()
  .regex(/^-?[0-9]{1,19}$/)
  .refine((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text));
const ownerId = z.number().int().nonnegative().max(4_294_967_294);
const xattr = z.strictObject({ name: z.base64().max(400), value: z.base64().max(100_000) });
const meta = z.strictObject({
  mode: z.number().int().nonnegative().max(0o7777),
  uid: ownerId,
  gid: ownerId,
  atimeNs: whole,
  mtimeNs: whole,
  xattrs: z.array(xattr).optional(),
});

/**
 * One rename. `park`: what is live goes aside; done when `to` is there. `carry`: what stays goes from what was parked into what is
 * staged; done when `to` is there. `place`: what is staged goes live; done when `from` is gone. So each is decided from the disk.
 */
const move = z.strictObject({
  kind: z.enum(['park', 'carry', 'place']),
  /** Moves of one group belong together (a database and its sidecars). */
  group: z.number().int().nonnegative(),
  from: place,
  to: place,
  /** Device and inode of what is placed, which tells it from what others put there. */
  identity: z.string().max(64).optional(),
});

/** A live place of a group where nothing was and nothing may be: the journal of a database, say. */
const absent = z.strictObject({ group: z.number().int().nonnegative(), live: place });

/** A live folder whose owner, mode, times or attributes change with the swap: what it has before and after. */
const folder = z.strictObject({ live: place, before: meta.optional(), after: meta.optional() });

const databaseName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\0]*$/u);

/** A Postgres database that another one takes the place of. Ids tell them apart whatever they are called meanwhile. */
const database = z.strictObject({
  host: z.string().max(4096),
  container: z.string().max(255),
  port: z.number().int().positive(),
  user: z.string().max(255),
  live: databaseName,
  staged: databaseName,
  parked: databaseName,
  /** Undefined until it was looked up, or when there is none. */
  liveOid: z.number().int().positive().optional(),
  /** Undefined until it was made. */
  stagedOid: z.number().int().positive().optional(),
});

/** A place that only a container of ours can write: what is staged in a volume of ours takes what is live there. */
const helperSwap = z.strictObject({
  host: z.string().max(4096),
  kind: z.enum(['volume', 'bind']),
  source: z.string().min(1).max(4096),
  /** The volume of ours, which holds all that is staged. */
  stage: z.string().regex(/^trinity-backup-[0-9a-f]{12}$/),
  /** Our folder in the live place, for as long as the swap takes. */
  work: z.string().regex(/^\.trinity-backup-[0-9a-f]{12}-[a-z0-9]+$/),
  /** `staged`: the live place was not touched. `ready`: our folder may be there. `cleared`: it is gone for good. */
  state: z.enum(['staged', 'ready', 'cleared']),
});

const madeVolume = z.strictObject({
  host: z.string().max(4096),
  name: z.string().max(255),
  /** All that is in it was written by this restore, into a volume that nobody else knows yet. */
  isFilled: z.boolean().default(false),
});

/** An agent that was given back to Trinity for this restore: recovered, or made again. */
const revivedAgent = z.strictObject({
  host: z.string().max(4096),
  /** The checkout, whose `.env` lets us in. */
  folder: absolute,
  name: z.string().min(1).max(255),
});

/** Where rows of the live database are changed (`DatabasePlace`). */
const databasePlace = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), file: absolute.max(4096) }),
  z.strictObject({
    kind: z.literal('helper'),
    host: z.string().max(4096),
    target: z.strictObject({ kind: z.enum(['volume', 'bind']), source: z.string().min(1).max(4096) }),
    path: z.string().min(1).max(4096),
  }),
  z.strictObject({
    kind: z.literal('postgres'),
    host: z.string().max(4096),
    container: z.string().max(255),
    port: z.number().int().positive(),
    user: z.string().max(255),
    database: databaseName,
  }),
]);

/** An agent that is new: its row is there as a deleted one, whose time of deletion tells that it is ours, until the restore is done. */
const newAgent = z.strictObject({
  name: z.string().refine((name) => agentNameProblem(name) === undefined),
  mark: z.iso.datetime(),
  database: databasePlace,
});

const journalModel = z.strictObject({
  format: z.literal(1),
  restoreId: z.string().regex(/^[0-9a-f]{12}$/),
  backupId,
  startedAt: z.iso.datetime(),
  /** It writes plain files beside all that is live. */
  isApart: z.boolean().default(false),
  /**
   * `staging`: nothing live was touched. `swapping`: undo what was moved. `undoing`: go on with that. `undone`, `committed`: only our
   * leftovers have to go. What goes gives its inode free, so that from then on no move can be told from the disk any more.
   */
  phase: z.enum(['staging', 'swapping', 'undoing', 'undone', 'committed']),
  /** Folders of ours, named here before they are made. */
  workFolders: z.array(absolute),
  /** Live folders that were not there, outermost first; they go when the restore does not come about and they are empty. */
  madeFolders: z.array(absolute),
  /** Volumes that the engine at `host` made for us; like `madeFolders`. */
  madeVolumes: z.array(madeVolume).default([]),
  moves: z.array(move),
  absents: z.array(absent),
  folders: z.array(folder),
  databases: z.array(database).default([]),
  helperSwaps: z.array(helperSwap).default([]),
  /** The checkout whose database comes back. Undefined where none does, or it was noted already. */
  databaseFolder: absolute.optional(),
  /** What is off in the database that comes back; null: nothing. Undefined where none comes back, or it was noted already. */
  quietStart: quietStart.nullish(),
  /** Named before they are asked for; they go again when the restore does not come about. */
  revivedAgents: z.array(revivedAgent).default([]),
  /** Named before its row is there. */
  newAgent: newAgent.optional(),
});

export type Journal = Readonly<z.infer<typeof journalModel>>;
export type JournalHelperSwap = Journal['helperSwaps'][number];
export type JournalDatabase = Journal['databases'][number];
export type JournalNewAgent = NonNullable<Journal['newAgent']>;
export type JournalMove = Journal['moves'][number];
export type JournalFolder = Journal['folders'][number];
export type JournalPlace = z.infer<typeof place>;
export type JournalMeta = z.infer<typeof meta>;

export function toJournalPlace(from: Place): JournalPlace {
  return { root: from.root, path: pathText(from.path) };
}

export function fromJournalPlace(from: JournalPlace): Place {
  return { root: from.root, path: pathBytes(from.path) };
}

export function toJournalMeta({ xattrs, ...meta }: FolderMeta): JournalMeta {
  const times = { atimeNs: String(meta.atimeNs), mtimeNs: String(meta.mtimeNs) };
  if (xattrs === undefined) return { ...meta, ...times };
  const texts = xattrs.map(({ name, value }) => ({
    name: name.toString('base64'),
    value: value.toString('base64'),
  }));
  return { ...meta, ...times, xattrs: texts };
}

export function fromJournalMeta({ xattrs, ...meta }: JournalMeta): FolderMeta {
  const times = { atimeNs: BigInt(meta.atimeNs), mtimeNs: BigInt(meta.mtimeNs) };
  if (xattrs === undefined) return { ...meta, ...times };
  const bytes = xattrs.map(({ name, value }) => ({
    name: Buffer.from(name, 'base64'),
    value: Buffer.from(value, 'base64'),
  }));
  return { ...meta, ...times, xattrs: bytes };
}

/** The journal in a JSON value; undefined when it is none that we write. A recovery moves and removes what it names. */
export function parseJournal(value: unknown): Journal | undefined {
  const parsed = journalModel.safeParse(value);
  if (!parsed.success) return undefined;
  const { workFolders, helperSwaps, restoreId } = parsed.data;
  const isOurs = (folder: string): boolean => path.basename(folder).startsWith(workFolderName(restoreId, ''));
  const isOurSwap = ({ stage, work }: JournalHelperSwap): boolean =>
    stage === `trinity-backup-${restoreId}` && isOurs(work);
  return workFolders.every(isOurs) && helperSwaps.every(isOurSwap) ? parsed.data : undefined;
}

/** Of plain names, below the root: what no writer of ours writes leads nowhere. */
function isPlainPath(text: string): boolean {
  try {
    return splitPath(pathBytes(text)).every(
      (name) => name.length > 0 && !name.includes(0) && name.toString() !== '.' && name.toString() !== '..',
    );
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
