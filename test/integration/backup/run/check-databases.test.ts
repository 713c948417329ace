import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { echoVolume } from '../../../helpers/tiny-backup.ts';
import { quietly, tinyInstall, volumeData } from '../../../helpers/tiny-install.ts';

/** Overwrites the middle of a database: its header stays. */
function damage(file: string): void {
  const fd = fs.openSync(file, 'r+');
  fs.writeSync(fd, Buffer.alloc(16_384, 0x5a), 0, 16_384, 16_384);
  fs.closeSync(fd);
}

/** Large enough to be stored by page. */
function writeDatabase(file: string): Database.Database {
  const database = new Database(file);
  database.pragma('journal_mode=WAL');
  database.exec('CREATE TABLE word (said TEXT)');
  const insert = database.prepare('INSERT INTO word VALUES (?)');
  for (let row = 0; row < 50; row += 1) insert.run('word'.repeat(1000));
  return database;
}

describe("checks of agents' databases", () => {
  it('name a damaged one when it has changed, and leave sound ones and logs alone', async () => {
    const tiny = await tinyInstall();
    const data = volumeData(tiny, echoVolume);
    const [sound, broken, logged] = ['sound.db', 'broken.db', 'logged.db'].map((name) =>
      path.join(data, name),
    );
    if (sound === undefined || broken === undefined || logged === undefined) throw new Error('Three names.');
    writeDatabase(sound).close();
    writeDatabase(broken).close();
    const live = writeDatabase(logged);
    live.pragma('wal_checkpoint(PASSIVE)');
    live.exec("INSERT INTO word VALUES ('only in the log')");
    const backUp = async (): Promise<readonly string[]> =>
      (await createBackup(tiny.context, { trigger: 'manual' }, quietly)).warnings.map(
        ({ message }) => message,
      );
    expect(await backUp()).toEqual([]);
    damage(broken);
    expect(await backUp()).toEqual([
      expect.stringMatching(/^The database broken\.db in the volume agent-echo-workspace is not sound: /u),
    ]);
    // It is said once: what has not changed since is not read again.
    expect(await backUp()).toEqual([]);
    live.close();
    expect(fs.readdirSync(path.join(tiny.home, 'scratch'))).toEqual([]);
  });
});
