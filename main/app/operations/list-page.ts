import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { backupId } from '../../../shared/model/backup-id.ts';
import { trigger } from '../../../shared/model/trigger.ts';
import { operation } from '../operation.ts';
import { type BackupList, list, type ListedBackup } from './list.ts';

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

/** One page of the backups that fit, newest first; what cannot be read is told with the first page. */
export const listPage = operation(input, async (engine, asked, options): Promise<BackupPage> => {
  const after = asked.cursor === undefined ? undefined : placeOf(asked.cursor);
  const all = await list.run(engine, { trashed: asked.trashed, from: asked.from }, options);
  const fitting = all.backups
    .filter((backup) => isWanted(backup, asked))
    .toSorted((left, right) => (comesAfter(left, keyOf(right)) ? 1 : -1));
  const rest = after === undefined ? fitting : fitting.filter((backup) => comesAfter(backup, after));
  const backups = rest.slice(0, asked.limit);
  const last = rest.length > backups.length ? backups.at(-1) : undefined;
  return {
    backups,
    unreadable: after === undefined ? all.unreadable : [],
    from: all.from,
    next: last === undefined ? null : cursorOf(keyOf(last)),
    total: fitting.length,
  };
});

type Place = Readonly<z.infer<typeof place>>;

function isWanted(backup: ListedBackup, asked: z.infer<typeof input>): boolean {
  return (
    (asked.component === undefined || backup.components.includes(asked.component)) &&
    (asked.agent === undefined || backup.agents.includes(asked.agent)) &&
    (asked.trigger === undefined || backup.trigger === asked.trigger) &&
    (asked.pinned === undefined || backup.pinned === asked.pinned)
  );
}

function keyOf({ timestamp, backupId: id }: ListedBackup): Place {
  return [timestamp, id];
}

/** Older, or of the same moment with a smaller id. */
function comesAfter(backup: ListedBackup, [timestamp, id]: Place): boolean {
  return backup.timestamp < timestamp || (backup.timestamp === timestamp && backup.backupId < id);
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
