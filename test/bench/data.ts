import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';

/** A small generator of numbers in [0, 1), the same for the same seed. */
export function numbersOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that do not compress, the same for the same seed. */
export function randomBytesOf(seed: string, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest();
}

const words = createHash('shake256', { outputLength: 12_000 })
  .update('words')
  .digest('base64')
  .toLowerCase()
  .match(/[a-z]{2,9}/g) ?? ['word'];

/** Text of words with the skew of a language, which zstd packs to about a third. */
export function textOf(next: () => number, length: number): Buffer {
  const pieces: string[] = [];
  for (let size = 0; size < length;) {
    const word = words[Math.floor(next() ** 3 * words.length)] ?? 'word';
    pieces.push(word);
    size += word.length + 1;
  }
  return Buffer.from(pieces.join(' ')).subarray(0, length);
}

/** The data of the table: 20 × 32 MiB random, 200 × 2 MiB text, 40,000 small text files of 4 KiB mean. */
export async function writeMixedData(folder: string): Promise<void> {
  const next = numbersOf(1);
  for (let index = 0; index < 20; index += 1) {
    await write(folder, `random/${index}.bin`, randomBytesOf(`mixed-${index}`, 32 * 1024 * 1024));
  }
  for (let index = 0; index < 200; index += 1) {
    await write(folder, `text/${index}.txt`, textOf(next, 2 * 1024 * 1024));
  }
  await writeSmallFiles(path.join(folder, 'small'), 40_000, 4096);
}

/** `count` text files, 200 in a folder, between nothing and twice `meanBytes` long. */
export async function writeSmallFiles(folder: string, count: number, meanBytes: number): Promise<void> {
  const next = numbersOf(2);
  for (let index = 0; index < count; index += 1) {
    const name = `${Math.floor(index / 200)}/file-${index}.txt`;
    await write(folder, name, textOf(next, Math.floor(next() * 2 * meanBytes)));
  }
}

/** `count` tiny files in one folder. */
export async function writeFlatFolder(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index += 1)
    await writeFile(path.join(folder, `file-${String(index).padStart(7, '0')}.txt`), String(index));
}

let lastFolder = '';

async function write(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const file = path.join(folder, name);
  if (path.dirname(file) !== lastFolder) {
    lastFolder = path.dirname(file);
    await mkdir(lastFolder, { recursive: true });
  }
  await writeFile(file, bytes);
}

export type RowBytes = Readonly<{ from: number; to: number }>;

/** A database of about `megabytes` with rows of the given size, in a table with an index, as agents' histories are. */
export function makeDatabase(file: string, megabytes: number, row: RowBytes): void {
  const database = new Database(file);
  try {
    database.exec(
      'CREATE TABLE history (id INTEGER PRIMARY KEY, agent TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL);' +
        'CREATE INDEX historyByAgent ON history (agent, at)',
    );
    const next = numbersOf(3);
    database.transaction(() => {
      const count = Math.floor((megabytes * 1e6) / ((row.from + row.to) / 2 + 80));
      for (let index = 0; index < count; index += 1) addRow(database, next, row);
    })();
  } finally {
    database.close();
  }
}

/** One day of work: 600 rows added, 300 changed, 200 deleted, spread over the table. */
export function workForADay(file: string, day: number, row: RowBytes): void {
  const database = new Database(file);
  try {
    const next = numbersOf(1000 + day);
    const newest = Number(database.prepare('SELECT max(id) FROM history').pluck().get());
    database.transaction(() => {
      for (let index = 0; index < 600; index += 1) addRow(database, next, row);
      const change = database.prepare('UPDATE history SET body = ? WHERE id = ?');
      for (let index = 0; index < 300; index += 1) change.run(body(next, row), Math.floor(next() * newest));
      const remove = database.prepare('DELETE FROM history WHERE id = ?');
      for (let index = 0; index < 200; index += 1) remove.run(Math.floor(next() * newest));
    })();
  } finally {
    database.close();
  }
}

function addRow(database: Database.Database, next: () => number, row: RowBytes): void {
  database
    .prepare('INSERT INTO history (agent, at, body) VALUES (?, ?, ?)')
    .run(`agent-${Math.floor(next() * 40)}`, String(Math.floor(next() * 1e12)), body(next, row));
}

function body(next: () => number, row: RowBytes): string {
  return textOf(next, Math.floor(row.from + next() * (row.to - row.from))).toString();
}
