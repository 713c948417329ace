import { appendFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { giveFileToTrinity, makeFolder, writeBytes } from './sample-files.ts';
import { sampleCounts, sampleTime, type SampleSize } from './sample-plan.ts';
import { SampleRandom } from './sample-random.ts';
import { insertActivity } from './sample-rows.ts';
import { insertNotes, transcript } from './sample-workspace.ts';
import type { SampleInstall } from './write-sample.ts';

export type SampleDay = Readonly<{
  /** From 1 on, each day once and in order. */
  day: number;
  size: SampleSize;
  seed: string;
  /** Where `/data` is, when not in the checkout. */
  dataFolder?: string;
}>;

type Change = Readonly<{ day: number; size: SampleSize; random: SampleRandom }>;

/**
 * Lets a day pass in a sample: about one file in a hundred is changed, some are new, gone or renamed, transcripts and databases
 * grow. The rest is not touched, so that it is found unchanged.
 */
export function evolveSample(install: SampleInstall, { day, size, seed, dataFolder }: SampleDay): void {
  const change: Change = { day, size, random: new SampleRandom(`${seed} day ${day}`) };
  const data = dataFolder ?? join(install.installFolder, 'trinity-data');
  const workspace = (base: string): string => join(install.volumesRoot, `agent-${base}-workspace`, '_data');
  evolvePlatform(join(data, 'trinity.db'), change);
  evolveSharedFiles(join(data, 'agent-files'), change);
  evolveTranscripts(workspace('echo'), change);
  evolveContent(join(workspace('echo'), 'content'), change);
  evolveNotes(join(workspace('writer'), 'workspace/notes'), change);
  evolveAgentDatabase(join(workspace('scout'), 'data/app.db'), change);
}

function evolvePlatform(file: string, { day, size, random }: Change): void {
  const rows = Math.ceil(sampleCounts[size].executions / 50);
  const database = new Database(file, { fileMustExist: true });
  try {
    database.transaction(() => {
      insertActivity(database, random, {
        day,
        executions: rows,
        messages: rows,
        auditEntries: Math.ceil(rows / 4),
      });
      database
        .prepare(
          'UPDATE schedule_executions SET response = response || ? WHERE rowid IN (SELECT rowid FROM schedule_executions ORDER BY id LIMIT ?)',
        )
        .run(` (checked on day ${day})`, Math.ceil(rows / 2));
      database
        .prepare(
          'DELETE FROM schedule_executions WHERE rowid IN (SELECT rowid FROM schedule_executions ORDER BY started_at LIMIT ?)',
        )
        .run(Math.ceil(rows / 3));
      database
        .prepare("UPDATE system_settings SET updated_at = ? WHERE key = 'db_backup_last_status'")
        .run(sampleTime(day, 210));
    })();
  } finally {
    database.close();
  }
}

function evolveSharedFiles(folder: string, { day, random }: Change): void {
  const [oldest] = readdirSync(folder).toSorted();
  if (oldest !== undefined && day % 7 === 0) rmSync(join(folder, oldest));
  writeNew(join(folder, random.uuid('shared file')), random.bytes('shared file', 20_000));
}

function evolveTranscripts(workspace: string, { day, random }: Change): void {
  const folder = join(workspace, '.claude/projects/-home-developer');
  for (const name of readdirSync(folder))
    appendFileSync(join(folder, name), transcript(random, 'echo', day, 20));
}

function evolveContent(folder: string, { day, size, random }: Change): void {
  const { contentBytes } = sampleCounts[size];
  writeNew(join(folder, `clip-${day}.mp4`), random.bytes('clip', Math.ceil(contentBytes / 10)));
  appendFileSync(join(folder, 'book.txt'), random.text('book', 5000));
}

function evolveNotes(folder: string, { day, random }: Change): void {
  const shelves = readdirSync(folder).toSorted();
  for (const shelf of shelves) {
    const notes = readdirSync(join(folder, shelf)).toSorted();
    for (const [index, note] of notes.entries()) {
      const lot = random.integer(`${shelf} ${note}`, 200);
      if (lot < 2)
        writeFileSync(
          join(folder, shelf, note),
          random.text(`note ${index}`, 200 + random.integer(note, 7000)),
        );
      else if (lot === 2) rmSync(join(folder, shelf, note));
    }
  }
  const added = join(folder, `day-${day}`);
  makeFolder(added);
  giveFileToTrinity(added);
  for (let index = 0; index < 3; index += 1)
    writeNew(join(added, `new-${index}.md`), Buffer.from(random.text(`new ${index}`, 3000)));
  const [first] = shelves;
  if (first !== undefined && day % 5 === 0) renameSync(join(folder, first), join(folder, `renamed-${day}`));
}

function evolveAgentDatabase(file: string, { day, random }: Change): void {
  const database = new Database(file, { fileMustExist: true });
  try {
    insertNotes(database, random, 1000 * day, 30);
    database.prepare('UPDATE notes SET body = body || ? WHERE id % 50 = ?').run(' (seen)', day % 50);
  } finally {
    database.close();
  }
}

function writeNew(file: string, bytes: Buffer): void {
  writeBytes(file, bytes);
  giveFileToTrinity(file);
}
