import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';

/** What a ledger of test/fixtures/trinity/ledger.py says of the moment it was copied at. */
export type LedgerState = Readonly<{
  /** Whether the file is sound, all its rows are there and both tables have the same sum. */
  isConsistent: boolean;
  /** Transactions that had been committed. */
  steps: number;
}>;

const rowsOfTable = 200;
const ledgerRow = z.object({ left: z.number(), right: z.number(), rows: z.number(), steps: z.number() });

/** One row, in SQLite and in Postgres: the sums of both tables, their rows together, the number of transactions. */
export const ledgerQuery =
  'SELECT (SELECT sum(amount) FROM ledger_left) AS "left", (SELECT sum(amount) FROM ledger_right) AS "right", ' +
  '(SELECT count(*) FROM ledger_left) + (SELECT count(*) FROM ledger_right) AS "rows", ' +
  '(SELECT steps FROM ledger_steps) AS "steps"';

/** Judges what `ledgerQuery` has answered. */
export function judgeLedger(answer: unknown): LedgerState {
  const row = ledgerRow.parse(answer);
  return { isConsistent: row.left === row.right && row.rows === 2 * rowsOfTable, steps: row.steps };
}

/** Reads a ledger that nobody writes to, with its log or journal, from a copy: the file and its neighbours stay as they are. */
export function readLedger(file: string): LedgerState {
  const folder = mkdtempSync(path.join(tmpdir(), 'trinity-ledger-'));
  try {
    const copy = path.join(folder, 'ledger.db');
    for (const suffix of ['', '-wal', '-journal']) {
      if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
    }
    const database = new Database(copy, { fileMustExist: true });
    try {
      const sound = database.pragma('integrity_check', { simple: true }) === 'ok';
      const state = judgeLedger(database.prepare(ledgerQuery).get());
      return { ...state, isConsistent: sound && state.isConsistent };
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the two tables of a ledger that nobody writes to have the same sum. */
export function sumsAreEqual(file: string): boolean {
  return readLedger(file).isConsistent;
}

/**
 * How far the pairs of tick files in a folder are apart, by writer: 0 or 1 in every moment that ever was; more where the two
 * files of a copy are from different moments.
 */
export function tickDistances(folder: string): Readonly<Record<string, number>> {
  const first = '.aaa-tick-';
  const writers = readdirSync(folder)
    .filter((name) => name.startsWith(first))
    .map((name) => name.slice(first.length));
  const read = (name: string): number => Number(readFileSync(path.join(folder, name), 'utf8'));
  return Object.fromEntries(
    writers.map((writer) => [writer, read(`${first}${writer}`) - read(`zzz-tick-${writer}`)]),
  );
}
