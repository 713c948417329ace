import { z } from 'zod';
import type { DeepReadonly } from '../lib/deep-readonly.ts';
import { backupId } from './backup-id.ts';
import { finding } from './finding.ts';

const count = z.number().int().nonnegative();
/** Regular files, links and further names of a file; `bytes` of what is written, of what is removed as it is live. */
const counted = z.strictObject({ files: count, bytes: count });

/** `changed`: both have it, and not the same; `added`: comes back; `removed`: live only, and gives way. */
export const planChange = z.enum(['changed', 'added', 'removed']);
export type PlanChange = z.infer<typeof planChange>;

/** What a restore would change of one live source. */
const planCounts = z.strictObject({
  changed: counted,
  added: counted,
  removed: counted,
  unchanged: counted,
  /** Folders that come back or go. */
  folders: count,
  /** Outermost live paths that the backup lacks and that stay all the same, by the reason. */
  kept: z.strictObject({ excluded: count, unread: count, special: count }),
});
export type PlanCounts = DeepReadonly<z.infer<typeof planCounts>>;

const plannedSource = z.strictObject({
  /** As `sourceText`. */
  source: z.string(),
  component: z.string(),
  volume: z.string(),
  agents: z.array(z.string()),
  /** Of the backup, without what was not asked for. */
  held: counted,
  /** Paths that were asked for; 0: all of it. */
  paths: count,
  /**
   * `compared`: with what is live; `replaced`: a database gives way as one; `unread`: what is live is out of reach before Trinity
   * stops; `apart`: nothing live is concerned.
   */
  way: z.enum(['compared', 'replaced', 'unread', 'apart']),
  /** Of one that was compared. */
  counts: planCounts.nullable(),
});
export type PlannedSource = DeepReadonly<z.infer<typeof plannedSource>>;

/** A choice about the key of credentials; see `keys` of a request. */
export const keyChoice = z.enum(['secondary', 'leave']);
export type KeyChoice = z.infer<typeof keyChoice>;

/** What a restore would do, in numbers; shared/lib/restore-plan makes sentences of it. Sizes in bytes, times in ms. */
export const restorePlan = z.strictObject({
  /** Names the paths behind the numbers for as long as they are kept (`restore.planPaths`). */
  planId: z.string(),
  backupId,
  /** ISO 8601 in UTC. */
  timestamp: z.string(),
  /** The copy of the vault that is read; null: the vault itself. */
  from: z.string().nullable(),
  destination: z.discriminatedUnion('way', [
    z.strictObject({ way: z.literal('in-place') }),
    z.strictObject({
      way: z.literal('as'),
      agent: z.string(),
      name: z.string(),
      /** Whose owner and limits it gets; null: an admin's and Trinity's own. */
      template: z.string().nullable(),
      /** Volumes of the backup that stay out. */
      leftOut: z.array(z.string()),
      /** By Trinity, when all is there; else by hand. */
      isStarted: z.boolean(),
    }),
    z.strictObject({ way: z.literal('to'), folder: z.string() }),
    z.strictObject({ way: z.literal('new-install'), folder: z.string() }),
  ]),
  sources: z.array(plannedSource),
  /** Sources that were asked for and that the backup could not copy. */
  failed: z.array(z.string()),
  safetyBackup: z.enum(['made', 'none', 'nothing-live']),
  /** Containers that stand still meanwhile; null where no engine is known, and nobody is stopped. */
  stops: z
    .strictObject({
      containers: z.array(
        z.strictObject({ name: z.string(), agent: z.string().nullable(), isTrinity: z.boolean() }),
      ),
      /** For about how long. */
      estimatedMs: count,
    })
    .nullable(),
  /** Of the whole restore, by the speed of earlier ones and of rehearsals; null before the first. */
  estimatedMs: count.nullable(),
  /** By file system. */
  space: z.array(z.strictObject({ folder: z.string(), neededBytes: count, freeBytes: count })),
  versions: z
    .strictObject({
      state: z.enum(['same', 'migrates', 'unknown']),
      backup: z.string().nullable(),
      installed: z.string().nullable(),
    })
    .nullable(),
  keys: z
    .strictObject({
      /** `held`: the backup has the key that opens its credentials; `lost`: nobody here has. */
      state: z.enum(['same', 'held', 'lost']),
      choice: keyChoice,
    })
    .nullable(),
  /** Live, and unknown to the database that comes back. */
  younger: z.strictObject({ agents: z.array(z.string()), volumes: z.array(z.string()) }),
  /** Volumes that come back without an agent. */
  ownerless: z.array(z.string()),
  /** Agents that are deleted by now, and how Trinity gets them back. */
  revived: z.array(z.strictObject({ agent: z.string(), how: z.enum(['recovered', 'created']) })),
  /** Null where the database does not come back. */
  quiet: z
    .strictObject({
      isOn: z.boolean(),
      /** What makes it the default. */
      reason: z.enum(['other-host', 'old']).nullable(),
      /** Schedules that are on in the backup; null where nobody has looked. */
      schedules: z.array(z.string()).nullable(),
      waitingRuns: count,
    })
    .nullable(),
  /** For a new install: what `.env` says of the old host, to be kept or given anew. */
  hostValues: z.array(z.strictObject({ key: z.string(), value: z.string().nullable() })),
  /** The backup is of another install than this one. */
  isOtherInstall: z.boolean(),
  warnings: z.array(finding),
  notes: z.array(finding),
});
export type RestorePlan = DeepReadonly<z.infer<typeof restorePlan>>;

export const plannedPath = z.strictObject({
  source: z.string(),
  change: planChange,
  path: z.string(),
  bytes: count,
});
export type PlannedPath = DeepReadonly<z.infer<typeof plannedPath>>;
