import type { RowChange } from '../../../components/live-database.ts';
import type { JournalNewAgent } from '../swap/journal-model.ts';

/** The row of an agent that is there already, and the columns of the table it is in. */
export type RowTemplate = Readonly<{
  /** Name of the live or deleted agent whose owner and limits the new one gets; undefined: an admin's, with Trinity's defaults. */
  agent: string | undefined;
  columns: ReadonlySet<string>;
  hasPublic: boolean;
}>;

/**
 * What an agent needs to run as it did, within the same limits. Everything else starts as Trinity sets it for a new agent: nothing runs
 * by itself, and nobody but the owner reaches it.
 */
const carriedColumns = [
  'owner_id',
  'use_platform_api_key',
  'memory_limit',
  'cpu_limit',
  'full_capabilities',
  'read_only_mode',
  'read_only_config',
  'subscription_id',
  'max_parallel_tasks',
  'execution_timeout_seconds',
  'max_backlog_depth',
  'require_email',
  'guardrails_config',
  'circuit_breaker_enabled',
] as const;

const table = 'agent_ownership';
type NamedRow = Pick<JournalNewAgent, 'name' | 'mark'>;

/** Adds the row as that of a deleted agent: Trinity keeps its name and volumes for it, and nobody can start it. */
export function reserveRow(agent: NamedRow, { agent: from, columns, hasPublic }: RowTemplate): RowChange {
  const has = (name: string): boolean => columns.has(name);
  const given: readonly (readonly [string, string])[] = [
    ['agent_name', quoted(agent.name)],
    ['deleted_at', quoted(agent.mark)],
    ['created_at', quoted(agent.mark)],
    ['volume_base_name', quoted(agent.name)],
    ['file_sharing_enabled', hasPublic ? "'1'" : "'0'"],
  ];
  const values = given.filter(([column]) => has(column));
  if (from === undefined) {
    const added = [['owner_id', 'first.id'] as const, ['require_email', "'1'"] as const].filter(([column]) =>
      has(column),
    );
    return inBoth(
      (schema) =>
        insert(
          schema,
          [...values, ...added],
          `(SELECT min(id) AS id FROM ${schema}.users WHERE role = ?) AS first`,
        ),
      'admin',
    );
  }
  const carried = carriedColumns.filter(has).map((column) => [column, column] as const);
  return inBoth(
    (schema) => insert(schema, [...values, ...carried], `${schema}.${table} WHERE agent_name = ?`),
    from,
  );
}

/** From here on it is an agent of Trinity like any other. */
export function revealRow({ name, mark }: NamedRow): RowChange {
  return inBoth((schema) => `UPDATE ${schema}.${table} SET deleted_at = NULL WHERE ${ours(name)}`, mark);
}

/** One that somebody has recovered in Trinity meanwhile is not ours any more. */
export function removeRow({ name, mark }: NamedRow): RowChange {
  return inBoth((schema) => `DELETE FROM ${schema}.${table} WHERE ${ours(name)}`, mark);
}

function ours(name: string): string {
  return `agent_name = ${quoted(name)} AND deleted_at = ?`;
}

function insert(schema: string, values: readonly (readonly [string, string])[], from: string): string {
  const columns = values.map(([column]) => column).join(', ');
  return `INSERT INTO ${schema}.${table} (${columns}) SELECT ${values.map(([, value]) => value).join(', ')} FROM ${from}`;
}

function inBoth(statement: (schema: string) => string, text: string): RowChange {
  return { sqlite: statement('main'), postgres: statement('public'), text };
}

/** Names of agents and moments are of plain characters alone. */
function quoted(plain: string): string {
  if (!/^[A-Za-z0-9:_.-]+$/u.test(plain)) throw new Error('Only plain characters need no quoting.');
  return `'${plain}'`;
}
