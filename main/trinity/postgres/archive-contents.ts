import { AppError } from '../../../shared/lib/app-error.ts';
import { brokenArchive, type ArchiveBytes } from './archive-bytes.ts';

/** One line of what `pg_restore -l` would list. */
export type ArchiveEntry = Readonly<{
  id: number;
  /** `TABLE`, `TABLE DATA`, `ACL` and so on. */
  kind: string;
  schema: string;
  name: string;
  /** How rows are given to `COPY`, with the columns in order. */
  copyStatement: string;
  /** Further on in the file there is a block of its data. */
  hasData: boolean;
}>;

/** What a dump says of itself before its data. */
export type ArchiveContents = Readonly<{
  /** Of the server that it was made from, such as `16.4 (Debian 16.4-1)`. */
  serverVersion: string;
  /** Of the pg_dump that made it. */
  dumpVersion: string;
  database: string;
  entries: readonly ArchiveEntry[];
}>;

// Archive formats of pg_dump 10 and later, by what came with each.
const oldestFormat = 12;
const newestFormat = 16;
const withCompressionName = 15;
const withTableAccess = 14;
const withRelationKind = 16;
const customFormat = 1;
const noData = 3;
const maxEntries = 1_000_000;

/** Reads the header and the table of contents (pg_backup_archiver.c): `damaged`, or `refused` for a format that is not known. */
export async function readContents(bytes: ArchiveBytes): Promise<ArchiveContents> {
  if ((await bytes.bytes(5)).toString('latin1') !== 'PGDMP') throw brokenArchive('it is no dump of Postgres');
  const [major, format] = [await bytes.byte(), await bytes.byte()];
  await bytes.byte();
  if (major !== 1 || format < oldestFormat || format > newestFormat) {
    const message = `This version cannot read dumps of format ${String(major)}.${String(format)}. Install a newer Trinity Backup.`;
    throw new AppError('refused', message);
  }
  bytes.intBytes = await bytes.byte();
  const offsetBytes = await bytes.byte();
  if ((await bytes.byte()) !== customFormat || offsetBytes > 16)
    throw brokenArchive('its header makes no sense');
  const compression = format >= withCompressionName ? await bytes.byte() : await bytes.int();
  if (compression !== 0) throw new AppError('refused', 'The dump is compressed, as none of ours is.');
  // When it was made: seconds to years, and whether it was summer time.
  for (let part = 0; part < 7; part += 1) await bytes.int();
  const database = (await bytes.text()) ?? '';
  const serverVersion = (await bytes.text()) ?? '';
  const dumpVersion = (await bytes.text()) ?? '';
  const count = await bytes.int();
  if (count < 0 || count > maxEntries) throw brokenArchive('its table of contents makes no sense');
  const entries: ArchiveEntry[] = [];
  for (let index = 0; index < count; index += 1)
    entries.push(await readEntry(bytes, { format, offsetBytes }));
  return { serverVersion, dumpVersion, database, entries };
}

type Shape = Readonly<{ format: number; offsetBytes: number }>;

async function readEntry(bytes: ArchiveBytes, { format, offsetBytes }: Shape): Promise<ArchiveEntry> {
  const id = await bytes.int();
  await bytes.int();
  // Two object ids.
  await bytes.text();
  await bytes.text();
  const name = (await bytes.text()) ?? '';
  const kind = (await bytes.text()) ?? '';
  // The section, the statements that make and drop it.
  await bytes.int();
  await bytes.text();
  await bytes.text();
  const copyStatement = (await bytes.text()) ?? '';
  const schema = (await bytes.text()) ?? '';
  // Table space, access method, kind of relation, owner, and what says that there are no row ids.
  await bytes.text();
  if (format >= withTableAccess) await bytes.text();
  if (format >= withRelationKind) await bytes.int();
  await bytes.text();
  await bytes.text();
  // What it depends on, to an empty end.
  while ((await bytes.text()) !== undefined);
  const hasData = (await bytes.byte()) !== noData;
  await bytes.bytes(offsetBytes);
  return { id, kind, schema, name, copyStatement, hasData };
}
