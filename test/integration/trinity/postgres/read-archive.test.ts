import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAgents } from '../../../../main/trinity/agents.ts';
import { databaseFacts } from '../../../../main/trinity/database-facts.ts';
import { extractArchive } from '../../../../main/trinity/postgres/archive-extract.ts';
import { readArchive, type Archive } from '../../../../main/trinity/postgres/read-archive.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { archiveOf, type ArchiveTable } from '../../../helpers/write-archive.ts';

const { signal } = new AbortController();

const tables: readonly ArchiveTable[] = [
  {
    name: 'agent_ownership',
    columns: ['id', 'odd, "name', 'agent_name', 'volume_base_name', 'deleted_at', 'file_sharing_enabled'],
    lines: ['1\tx\techo\t\\N\t\\N\tt', '2\t\\N\tnew\\tname\told\t2026-01-01\tf'],
  },
  { name: 'empty', columns: ['a'], lines: [] },
  { name: 'alembic_version', columns: ['version_num'], lines: ['0083_x'] },
];

async function read(bytes: Buffer): Promise<Archive> {
  const file = path.join(await tempFolder(), 'dump');
  await writeFile(file, bytes);
  return await readArchive(file, { signal });
}

describe('readArchive', () => {
  it.each([14, 15, 16])('counts the rows of each table, in format %i', async (format) => {
    const archive = await read(archiveOf(tables, format));
    expect(archive).toMatchObject({ database: 'trinity', serverVersion: '16.4' });
    expect(archive.rowCounts).toEqual({ agent_ownership: 2, empty: 0, alembic_version: 1 });
  });

  it('takes no dump that is cut off, wherever that is', async () => {
    const whole = archiveOf(tables);
    for (let length = 0; length < whole.length; length += 7) {
      await expect(read(whole.subarray(0, length))).rejects.toMatchObject({ kind: 'damaged' });
    }
  });

  it('takes neither another file nor an unknown format, and ends on any bytes', async () => {
    await expect(read(Buffer.from('SQLite format 3\0'))).rejects.toMatchObject({ kind: 'damaged' });
    await expect(read(archiveOf(tables, 99))).rejects.toMatchObject({ kind: 'refused' });
    for (let at = 5; at < 300; at += 3) {
      const bytes = Buffer.from(archiveOf(tables));
      bytes.fill(0xff, at, at + 4);
      // Some bytes mean nothing; what matters is that it comes to an end, as one of ours.
      const kind = await read(bytes).then(
        () => 'read',
        (error: unknown) => (error instanceof Error ? error.name : 'other'),
      );
      expect(['read', 'AppError']).toContain(kind);
    }
  });
});

describe('extractArchive', () => {
  it('gives agents and the last migration to whoever reads a copy of SQLite', async () => {
    const folder = await tempFolder();
    const [file, extract] = [path.join(folder, 'dump'), path.join(folder, 'rows')];
    await writeFile(file, archiveOf(tables));
    await extractArchive(file, extract, signal);
    expect(readAgents(extract)).toMatchObject([
      { name: 'echo', volumeBase: 'echo', deletedAt: undefined, fileSharing: true },
      { name: 'new\tname', volumeBase: 'old', deletedAt: '2026-01-01', fileSharing: false },
    ]);
    expect(databaseFacts(extract)).toMatchObject({ lastMigration: '0083_x' });
  });
});
