import { AppError } from '../../shared/lib/app-error.ts';
import { changeDatabase, changeDatabaseByHelper } from '../trinity/change-database.ts';
import type { TrinityInstall } from '../trinity/install.ts';
import { postgresPlace } from '../trinity/postgres/place-of-install.ts';
import {
  openPostgres,
  query,
  quoteLiteral,
  type PostgresPlace,
} from '../trinity/postgres/postgres-server.ts';
import { dataTarget } from './data-place.ts';

/** Where rows of a live database are changed, without any secret: a file here, a file that a container reaches, a Postgres. */
export type DatabasePlace =
  | Readonly<{ kind: 'file'; file: string }>
  | Readonly<{
      kind: 'helper';
      host: string;
      target: Readonly<{ kind: 'volume' | 'bind'; source: string }>;
      path: string;
    }>
  | (PostgresPlace & Readonly<{ kind: 'postgres'; database: string }>);

/** One statement in the two dialects, each with one `?`, which is `text`. */
export type RowChange = Readonly<{ sqlite: string; postgres: string; text: string }>;

/** `unavailable` where the database cannot be written from here. */
export function databasePlace(install: TrinityInstall): DatabasePlace {
  const { engine, database, databaseFile, dataAccess } = install;
  if (database.kind === 'postgres') return { kind: 'postgres', ...postgresPlace(install) };
  const target = dataTarget(install);
  if (target !== undefined && engine !== undefined) {
    const { kind, source } = target;
    return { kind: 'helper', host: engine.host, target: { kind, source }, path: database.path };
  }
  if (databaseFile !== undefined && dataAccess.mode === 'host') return { kind: 'file', file: databaseFile };
  throw new AppError(
    'unavailable',
    `Trinity's database cannot be written from here (${dataAccess.reason}) Try again as root on its host.`,
  );
}

/** Runs changes as one transaction beside whoever else writes, and tells how many rows each has changed. */
export async function changeRows(
  place: DatabasePlace,
  changes: readonly RowChange[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  if (place.kind === 'postgres') return await changeInPostgres(place, changes, signal);
  const statements = changes.map(({ sqlite, text }) => ({ sql: sqlite, text }));
  if (place.kind === 'file') return await changeDatabase(place.file, statements, signal);
  const { host, path, target } = place;
  return await changeDatabaseByHelper(
    { host, path, target: { ...target, containers: [] } },
    statements,
    signal,
  );
}

async function changeInPostgres(
  { database, ...place }: Extract<DatabasePlace, { kind: 'postgres' }>,
  changes: readonly RowChange[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const server = await openPostgres(place, signal);
  const statements = changes.map(
    ({ postgres, text }, index) =>
      `${postgres.replace('?', () => quoteLiteral(text))} RETURNING ${quoteLiteral(String(index))}`,
  );
  const script = ['BEGIN', ...statements, 'COMMIT', ''].join(';\n');
  const rows = await query(server, database, script, signal);
  return changes.map((_, index) => rows.filter(([one]) => one === String(index)).length);
}
