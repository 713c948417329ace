import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../shared/lib/app-error.ts';
import type { ManifestSource } from '../../shared/model/manifest.ts';
import { extractArchive } from '../trinity/postgres/archive-extract.ts';
import { postgresPlace } from '../trinity/postgres/place-of-install.ts';
import { readArchive, type Archive } from '../trinity/postgres/read-archive.ts';
import type { CaptureSource, RestoreContext } from './component-handler.ts';
import { dumpName, type PostgresCopy } from './database-copy.ts';

const sourceFacts = z.object({
  kind: z.literal('postgres'),
  name: z.string().regex(/^[^/\0]{1,255}$/),
  rowCounts: z.record(z.string(), z.number()),
});

/** Code of the warning that a new install has to get its database in a second step. */
export const databaseNotYet = 'database-not-yet';

/** Whether a source of the database is a dump of Postgres. */
export function isPostgresSource({ facts }: ManifestSource): boolean {
  return facts['kind'] === 'postgres';
}

export function postgresCapture({ folder, archive }: PostgresCopy): CaptureSource {
  const { serverVersion, dumpVersion, database, rowCounts } = archive;
  const facts = { name: dumpName, method: 'pg_dump', serverVersion, dumpVersion, database };
  return {
    volume: '',
    agents: [],
    root: folder,
    exclude: [],
    lockedMs: 0,
    facts: { kind: 'postgres', ...facts, rowCounts: { ...rowCounts } },
  };
}

/** What is wrong with a staged dump: it is read from end to end, and each table has the rows that it had. */
export async function validateDump(
  source: ManifestSource,
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const facts = factsOf(source);
  try {
    return differences(facts, await readArchive(path.join(folder, facts.name), { signal }));
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') return [error.message];
    throw error;
  }
}

/** Loads the dump into a new database beside the live one. Into an install that is being made it can only be laid ready. */
export async function stageDump(source: ManifestSource, context: RestoreContext): Promise<void> {
  const facts = factsOf(source);
  if (context.install.database.kind !== 'postgres') {
    const message =
      'This backup holds a Postgres database, but Trinity is set to SQLite here. Restore it into a folder (--to).';
    throw new AppError('refused', message);
  }
  if (context.isNewInstall && context.install.database.container === undefined) {
    const message =
      'The database is not restored yet, since its server is not there. Do the next step before Trinity is started: else it starts ' +
      'without its agents, and removes their volumes within hours.';
    context.warn({ code: databaseNotYet, message, component: 'persistence' });
    return;
  }
  const { database, ...place } = postgresPlace(context.install);
  const work = await context.openPrivateFolder();
  const tree = path.join(work, 'staged');
  await context.stage(source, tree);
  const file = path.join(tree, facts.name);
  const rows = path.join(work, 'rows');
  const archive = await extractArchive(file, rows, context.signal);
  const [problem] = differences(facts, archive);
  if (problem !== undefined)
    throw new AppError('damaged', `The dump in this backup is not sound: ${problem}.`);
  if (archive.entries.some(({ kind }) => kind === 'ACL' || kind === 'DEFAULT ACL')) {
    const message =
      'Rights of other roles were set in this database. They do not come back: grant them again.';
    context.warn({ code: 'grants-lost', message, component: 'persistence' });
  }
  await context.stageDatabase({ source, place, database, file, archive, rows });
}

function factsOf(source: ManifestSource): z.infer<typeof sourceFacts> {
  const facts = sourceFacts.safeParse(source.facts);
  if (facts.success && facts.data.name !== '..' && facts.data.name !== '.') return facts.data;
  throw new AppError(
    'damaged',
    'The backup does not say which file the database is. Restore an earlier backup.',
  );
}

function differences(
  { rowCounts }: Readonly<{ rowCounts: Archive['rowCounts'] }>,
  archive: Archive,
): readonly string[] {
  const tables = new Set([...Object.keys(rowCounts), ...Object.keys(archive.rowCounts)]);
  return [...tables]
    .filter((table) => rowCounts[table] !== archive.rowCounts[table])
    .map(
      (table) =>
        `table ${table} has ${String(archive.rowCounts[table] ?? 0)} rows, not ${String(rowCounts[table] ?? 0)}`,
    );
}
