import type { InstallDatabase, TrinityInstall } from '../../../../main/trinity/install.ts';
import type { PostgresPlace } from '../../../../main/trinity/postgres/postgres-server.ts';

/** As much of an install as a dump needs: its engine, and where its database is. */
export function installOf(
  { host, container, port, user }: PostgresPlace,
  other: Partial<Extract<InstallDatabase, { kind: 'postgres' }>> | InstallDatabase = {},
): TrinityInstall {
  const own = { kind: 'postgres', container, host: 'postgres', port, user, database: 'trinity' };
  // Nothing else of an install is looked at.
  return { engine: { host }, database: { ...own, ...other } } as TrinityInstall;
}
