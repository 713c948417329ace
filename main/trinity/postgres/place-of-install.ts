import { AppError } from '../../../shared/lib/app-error.ts';
import type { TrinityInstall } from '../install.ts';
import type { PostgresPlace } from './postgres-server.ts';

/** Where an install's bundled Postgres is reached; `unavailable`, with what to do, for one that is not in Docker here. */
export function postgresPlace({ database, engine }: TrinityInstall): PostgresPlace & { database: string } {
  if (database.kind !== 'postgres') throw new Error('The install keeps its database in SQLite.');
  const { container, host, port, user } = database;
  if (engine === undefined) {
    const message =
      'Trinity keeps its database in Postgres here, which is reached through Docker alone. Name the engine with install --docker-host.';
    throw new AppError('unavailable', message);
  }
  if (container === undefined) {
    const message = `Trinity keeps its database in a Postgres at ${host}:${String(port)}, which is not in Docker here, so it is not covered. Back it up with pg_dump where it runs.`;
    throw new AppError('unavailable', message);
  }
  return { host: engine.host, container, port, user, database: database.database };
}
