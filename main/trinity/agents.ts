import { z } from 'zod';
import { compareNames } from '../../shared/lib/name-order.ts';
import type { AgentRow } from './install.ts';
import { columnNames, readCopy, type CopyDatabase } from './open-copy.ts';

const maxAgents = 100_000;
/** What a manifest holds; names are shown and compared, and become paths only through `agentVolumeName`. */
const text = z
  .string()
  .min(1)
  .max(255)
  .refine((value) => value.isWellFormed());
const cell = z.unknown();
const rowShape = z.object({
  agent_name: text,
  volume_base_name: cell,
  deleted_at: cell,
  is_system: cell,
  is_ephemeral: cell,
  file_sharing_enabled: cell,
});

/**
 * The agents of a private copy of Trinity's database, soft-deleted and ephemeral ones too, by name. Columns that an older schema
 * lacks have their default; rows whose name is no text are passed over (their volumes are orphans then). `damaged` when unreadable.
 */
export function readAgents(databaseCopy: string): readonly AgentRow[] {
  return readCopy(databaseCopy, agentsIn);
}

export function agentsIn(database: CopyDatabase): readonly AgentRow[] {
  const exposing = new Set(readFolderSharing(database, 'expose_enabled'));
  const columns = columnNames(database, 'agent_ownership');
  if (!columns.has('agent_name')) return [];
  const wanted = Object.keys(rowShape.shape).map((name) => (columns.has(name) ? name : `NULL AS ${name}`));
  const rows = database
    .prepare(`SELECT ${wanted.join(', ')} FROM main.agent_ownership LIMIT ${maxAgents}`)
    .all();
  const agents = rows.flatMap((row) => {
    const parsed = rowShape.safeParse(row);
    return parsed.success ? [agentOf(parsed.data, exposing)] : [];
  });
  return agents.toSorted((one, other) => compareNames(one.name, other.name));
}

/** Names of agents with a flag of their shared folder set. */
export function readFolderSharing(
  database: CopyDatabase,
  flag: 'expose_enabled' | 'consume_enabled',
): readonly string[] {
  const columns = columnNames(database, 'agent_shared_folder_config');
  if (!columns.has('agent_name') || !columns.has(flag)) return [];
  const names = database
    .prepare(`SELECT agent_name FROM main.agent_shared_folder_config WHERE ${flag} = 1 LIMIT ${maxAgents}`)
    .pluck()
    .all();
  return names.filter((name) => typeof name === 'string');
}

function agentOf(row: z.infer<typeof rowShape>, exposing: ReadonlySet<string>): AgentRow {
  const base = text.safeParse(row.volume_base_name);
  const deletedAt = row.deleted_at;
  return {
    name: row.agent_name,
    volumeBase: base.success ? base.data : row.agent_name,
    isSystem: isSet(row.is_system),
    isEphemeral: isSet(row.is_ephemeral),
    deletedAt: deletedAt === null || deletedAt === '' ? undefined : shownText(deletedAt),
    fileSharing: isSet(row.file_sharing_enabled),
    exposesFolder: exposing.has(row.agent_name),
  };
}

function isSet(value: unknown): boolean {
  return value === 1 || value === '1' || value === 'true';
}

/** Anything but NULL marks a row as deleted; only text can be shown. */
function shownText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 64) : 'at an unknown time';
}
