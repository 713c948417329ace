import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { localWriter } from '../../../helpers/local-writer.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { rowsOf, writeTinyDatabase } from '../../../helpers/tiny-install.ts';

const { signal } = new AbortController();
const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;
const on = {
  sql: 'UPDATE agent_schedules SET enabled = 1 WHERE id IN (SELECT value FROM json_each(?))',
  text: '["s2"]',
};

async function change(root: string, statements: readonly unknown[], file = 'trinity.db'): Promise<unknown> {
  const question = { input: { statements }, answer: z.unknown() };
  return await localWriter().ask(['change', root, file], question, signal);
}

async function database(): Promise<Readonly<{ root: string; file: string }>> {
  const root = await tempFolder();
  const file = path.join(root, 'trinity.db');
  writeTinyDatabase(file);
  return { root, file };
}

describe.skipIf(!hasPython)('sqlite-change.py', () => {
  it('runs all statements and tells how many rows each has changed', async () => {
    const { root, file } = await database();
    const off = {
      sql: "UPDATE schedule_executions SET status = 'gone' WHERE status = ?",
      text: 'queued',
    };
    expect(await change(root, [on, off])).toEqual({ changed: [1, 4] });
    expect(rowsOf(file)['agent_schedules']).toMatchObject([{ enabled: 1 }, { enabled: 1 }]);
  });

  it('changes nothing when one of them fails', async () => {
    const { root, file } = await database();
    const before = rowsOf(file);
    const wrong = { sql: 'UPDATE nowhere SET id = ?', text: '' };
    await expect(change(root, [on, wrong])).rejects.toThrow('no such table: nowhere');
    expect(rowsOf(file)).toEqual(before);
  });

  it('makes no database where none is, and leads nowhere else', async () => {
    const { root } = await database();
    await expect(change(root, [on], 'other.db')).rejects.toThrow('not there');
    await expect(change(path.join(root, 'below'), [on], '../trinity.db')).rejects.toThrow('not there');
  });
});
