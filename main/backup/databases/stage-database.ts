import { sourceText } from '../../../shared/model/component.ts';
import type { StagedDump } from '../../components/component-handler.ts';
import { openPostgres, type PostgresPlace } from '../../trinity/postgres/postgres-server.ts';
import {
  createDatabase,
  listDatabases,
  loadArchive,
  requireVersion,
} from '../../trinity/postgres/restore-database.ts';
import type { OpenJournal } from '../restore/swap/journal.ts';

/** A database that waits to take the place of the live one. */
export type StagedDatabase = Readonly<{
  /** `sourceText` of where it comes from. */
  source: string;
  place: PostgresPlace;
  name: string;
  /** There is one whose place it takes. */
  hasLive: boolean;
  /** SQLite database with rows of it. */
  rows: string;
}>;

/** Makes a database for this restore, known to the journal before it is there, and fills it from the dump. */
export async function stageDatabase(
  journal: OpenJournal,
  { source, place, database, file, archive, rows }: StagedDump,
  signal: AbortSignal,
): Promise<StagedDatabase> {
  const server = await openPostgres(place, signal);
  await requireVersion(server, archive, signal);
  const { restoreId, databases } = journal.content;
  const [staged, parked] = [`trinity_restore_${restoreId}`, `trinity_parked_${restoreId}`];
  const entry = { ...place, live: database, staged, parked };
  await journal.update({ databases: [...databases, entry] });
  const made = await createDatabase(server, staged, signal);
  const live = (await listDatabases(server, signal)).find(({ name }) => name === database);
  const oids = { stagedOid: made.oid, ...(live === undefined ? {} : { liveOid: live.oid }) };
  await journal.update({ databases: [...databases, { ...entry, ...oids }] });
  await loadArchive(server, { name: staged, file, archive }, signal);
  return { source: sourceText(source), place, name: staged, hasLive: live !== undefined, rows };
}
