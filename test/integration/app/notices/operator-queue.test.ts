import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { operatorQueueCommand } from '../../../../main/trinity/helper/helper-program.ts';
import { sampleSchema } from '../../../../main/trinity/sample/sample-schema.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const hasPython = spawnSync('python3', ['-c', 'import sqlite3']).status === 0;

/** The program that runs in the backend's container, on a database here. */
async function keepItem(database: string, changes: object = {}): Promise<string> {
  const [program = '', ...args] = operatorQueueCommand();
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  const item = { key: 'backup:full', since: 'one', open: true, priority: 'high', title: 'T', question: 'Q' };
  child.stdin.end(JSON.stringify({ ...item, ...changes, database }));
  const said = (await text(child.stdout)).trim();
  await ended;
  return child.exitCode === 0 ? said : `exit ${String(child.exitCode)}`;
}

async function trinityDatabase(): Promise<string> {
  const file = path.join(await tempFolder(), 'with %41 ü?.db');
  using open = opened(file);
  open.database.exec(sampleSchema);
  return file;
}

function opened(file: string): Disposable & { database: Database.Database } {
  const database = new Database(file);
  return { database, [Symbol.dispose]: () => database.close() };
}

function rows(file: string): unknown[] {
  using open = opened(file);
  return open.database
    .prepare('SELECT request_id, type, status, priority, title, question FROM operator_queue ORDER BY rowid')
    .all();
}

describe.skipIf(!hasPython)('operator-queue.py', () => {
  it('opens one item for a cause, changes its words, and closes it', async () => {
    const file = await trinityDatabase();
    expect(await keepItem(file)).toBe('written');
    expect(await keepItem(file, { title: 'Worse' })).toBe('written');
    const row = {
      request_id: 'trinity-backup:backup:full:one',
      type: 'alert',
      priority: 'high',
      question: 'Q',
    };
    expect(rows(file)).toEqual([{ ...row, status: 'pending', title: 'Worse' }]);
    expect(await keepItem(file, { open: false })).toBe('closed');
    expect(rows(file)).toEqual([{ ...row, status: 'cancelled', title: 'Worse' }]);
  });

  it('leaves an item as the operator has answered it, and other items alone', async () => {
    const file = await trinityDatabase();
    await keepItem(file);
    {
      using open = opened(file);
      open.database.exec("UPDATE operator_queue SET status = 'acknowledged'");
      open.database.exec(
        "INSERT INTO operator_queue (id, agent_name, request_id, type, title, question, created_at) VALUES ('1', 'writer', 'trinity-backup:backup:full:x', 'question', 'T', 'Q', '')",
      );
    }
    await keepItem(file, { title: 'Worse' });
    await keepItem(file, { open: false });
    expect(rows(file)).toMatchObject([
      { status: 'acknowledged', title: 'T' },
      { status: 'pending', request_id: 'trinity-backup:backup:full:x' },
    ]);
  });

  it('has one open item for a cause that came back, and does not mix causes that begin alike', async () => {
    const file = await trinityDatabase();
    await keepItem(file);
    await keepItem(file, { key: 'backup', since: 'zero' });
    await keepItem(file, { since: 'two' });
    expect(rows(file)).toMatchObject([
      { request_id: 'trinity-backup:backup:full:one', status: 'cancelled' },
      { request_id: 'trinity-backup:backup:zero', status: 'pending' },
      { request_id: 'trinity-backup:backup:full:two', status: 'pending' },
    ]);
  });

  it('writes nothing into a table that it does not know, and makes no database', async () => {
    const folder = await tempFolder();
    const file = path.join(folder, 'other.db');
    {
      using open = opened(file);
      open.database.exec('CREATE TABLE operator_queue (id TEXT)');
    }
    expect(await keepItem(file)).toBe('unknown');
    expect(await keepItem(path.join(folder, 'none.db'))).toBe('exit 1');
  });
});
