import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { emptyLab } from '../../helpers/command-lab.ts';
import { rowsOf } from '../../helpers/tiny-install.ts';

const backupShape = z.object({ backupId: z.string() });

describe('a quiet start, by the command line', () => {
  it('is named by status until it is ended, and told by the restore', async () => {
    const lab = await emptyLab();
    await lab.setUp();
    const database = path.join(lab.install, 'trinity-data/trinity.db');
    const opened = new Database(database);
    opened.exec(`CREATE TABLE agent_schedules (id TEXT PRIMARY KEY, agent_name TEXT, name TEXT, enabled INTEGER);
      INSERT INTO agent_schedules VALUES ('s1', 'echo', 'morning', 1), ('s2', 'echo', 'evening', 0)`);
    opened.close();
    const before = rowsOf(database)['agent_schedules'];
    const { backupId } = backupShape.parse(await lab.json(['backup']));
    const status = async (): Promise<unknown> => JSON.parse((await lab.run(['status', '--json'])).stdout);
    expect(await status()).toMatchObject({ quietStart: null });
    const args = ['restore', backupId, '--only', 'persistence', '--confirm', '--no-safety-backup'];
    expect(await lab.json([...args, '--start-quietly'])).toMatchObject({
      notes: expect.arrayContaining([
        expect.objectContaining({
          code: 'started-quietly',
          message: expect.stringContaining('trinity-backup end-quiet-start'),
        }),
      ]),
    });
    expect(rowsOf(database)['agent_schedules']).not.toEqual(before);
    expect(await status()).toMatchObject({
      quietStart: { backupId, isForeign: false },
      causes: expect.arrayContaining([
        expect.objectContaining({ action: expect.objectContaining({ operation: 'endQuietStart' }) }),
      ]),
    });
    expect(await lab.json(['end-quiet-start'])).toMatchObject({ backupId, warnings: [] });
    expect(rowsOf(database)['agent_schedules']).toEqual(before);
    expect(await status()).toMatchObject({ quietStart: null });
    const again = await lab.run(['end-quiet-start']);
    expect([again.code, again.stdout]).toEqual([0, 'No restore has left anything off.\n']);

    await lab.json([...args, '--no-start-quietly']);
    expect(rowsOf(database)['agent_schedules']).toEqual(before);
  });
});
