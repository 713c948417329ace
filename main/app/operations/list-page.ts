import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { backupId } from '../../../shared/model/backup-id.ts';
import { trigger } from '../../../shared/model/trigger.ts';
import type { StoredManifest } from '../../vault/manifests/stored-manifest.ts';
import { itemOfManifest } from '../history/timeline-row.ts';
import { operation } from '../operation.ts';
import { type BackupList, listed, type Marks, storedBackups } from './list.ts';

export type BackupPage = BackupList & Readonly<{ next: string | null; total: number }>;

const input = z.strictObject({
  trashed: z.boolean(),
  cursor: z.string().max(24_000).optional(),
  limit: z.number().int().min(1).max(1000),
  component: z.string().max(255).optional(),
  agent: z.string().max(255).optional(),
  trigger: trigger.optional(),
  pinned: z.boolean().optional(),
  /** The copy of the vault to read. */
  from: z.string().max(64).optional(),
});

/** The last backup of a page: what comes and goes meanwhile moves nothing from one page to another. */
const place = z.tuple([z.iso.datetime(), backupId]);

/**
 * One page of the backups that fit, newest first; what cannot be read is told with the first page. Of ten thousand only those of the
 * page are made up as they are shown: their checksums alone would hold everything else up.
 */
export const listPage = operation(input, async (engine, asked): Promise<BackupPage> => {
  const after = asked.cursor === undefined ? undefined : placeOf(asked.cursor);
  const { stored, marks, unreadable, from } = await storedBackups(engine, asked);
  const fitting = stored
    .filter((backup) => isWanted(backup, asked, marks))
    .toSorted((left, right) => (comesAfter(left, keyOf(right)) ? 1 : -1));
  const rest = after === undefined ? fitting : fitting.filter((backup) => comesAfter(backup, after));
  const page = rest.slice(0, asked.limit);
  const last = rest.length > page.length ? page.at(-1) : undefined;
  return {
    backups: page.map((each) => listed(each, marks)),
    unreadable: after === undefined ? unreadable : [],
    from,
    next: last === undefined ? null : cursorOf(keyOf(last)),
    total: fitting.length,
  };
});

type Place = Readonly<z.infer<typeof place>>;

function isWanted(stored: StoredManifest, asked: z.infer<typeof input>, { pinned }: Marks): boolean {
  const { key, components, agents, trigger: of } = itemOfManifest(stored);
  return (
    (asked.component === undefined || components.includes(asked.component)) &&
    (asked.agent === undefined || agents.includes(asked.agent)) &&
    (asked.trigger === undefined || of === asked.trigger) &&
    (asked.pinned === undefined || pinned.has(key) === asked.pinned)
  );
}

function keyOf({ manifest: { timestamp, backupId: id } }: StoredManifest): Place {
  return [timestamp, id];
}

/** Older, or of the same moment with a smaller id. */
function comesAfter({ manifest }: StoredManifest, [timestamp, id]: Place): boolean {
  return manifest.timestamp < timestamp || (manifest.timestamp === timestamp && manifest.backupId < id);
}

function cursorOf(at: Place): string {
  return Buffer.from(JSON.stringify(at)).toString('base64url');
}

function placeOf(cursor: string): Place {
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    // Neither JSON nor a place: made up, or of another program.
    throw new AppError('usage', 'The cursor is not one of this list: start again without it.');
  }
}
