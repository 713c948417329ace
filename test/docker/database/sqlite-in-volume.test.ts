import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fetchDatabase } from '../../../main/trinity/helper/fetch-database.ts';
import { askEngine } from '../../../main/trinity/install-engine.ts';
import { emptyLab } from '../../helpers/command-lab.ts';
import { readLedger } from '../../helpers/ledger.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { containerStates } from '../../services/docker/containers.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { dataVolume } from '../../services/miniature/checkout.ts';
import { startMiniature, type Miniature } from '../../services/miniature/miniature.ts';

const { signal } = new AbortController();
const outcome = z.object({ backupId: z.string(), lockedMs: z.number() });

let mini: Miniature | undefined;
beforeAll(async () => {
  mini = await startMiniature({ engine: sharedEngine(), flavour: 'dev' });
});
afterAll(async () => await mini?.remove());

describe('a SQLite database in a volume that only a container can read', () => {
  it('is copied of one moment while Trinity writes, by a helper that leaves nothing', async () => {
    const [lab, engine] = [await emptyLab(), sharedEngine()];
    const host = `unix://${engine.socket}`;
    await lab.json(['install', '--docker-host', host]);
    await lab.json(['settings', 'set', 'volumeAccess', 'helper']);
    await lab.json(['init', '--vault', lab.vault]);
    const folder = engine.volumeData(dataVolume);
    const before = await readdir(folder);
    for (const name of ['first', 'second']) {
      const { backupId, lockedMs } = outcome.parse(await lab.json(['backup', '--only', 'persistence']));
      expect(lockedMs).toBeGreaterThan(0);
      expect(JSON.stringify(await lab.json(['show', backupId]))).toContain('"access":"helper"');
      await lab.json(['restore', backupId, '--to', path.join(lab.base, name)]);
      const state = readLedger(path.join(lab.base, name, 'persistence', 'trinity.db'));
      expect(state).toMatchObject({ isConsistent: true });
    }
    const names = new Set([...before, 'trinity.db-journal']);
    expect((await readdir(folder)).filter((name) => !names.has(name))).toEqual([]);
    const states = await containerStates(engine);
    expect(Object.keys(states).filter((name) => !/^(?:trinity|agent)-/u.test(name))).toEqual([]);
  });

  it('comes with the log or the journal that is part of it, and is missed by name', async () => {
    const engine = sharedEngine();
    const { engine: facts } = await askEngine(`unix://${engine.socket}`, signal);
    const volume = 'trinity-test-databases';
    await engine.client.createVolume({ Name: volume });
    try {
      const folder = engine.volumeData(volume);
      const live = new Database(path.join(folder, 'wal.db'));
      live.pragma('journal_mode=WAL');
      live.exec('CREATE TABLE word (said TEXT)');
      live.prepare('INSERT INTO word VALUES (?)').run('new');
      await writeFile(path.join(folder, 'junk.db'), 'no database at all');
      await writeFile(path.join(folder, 'junk.db-journal'), 'its journal');
      const target = await tempFolder();
      const held = { kind: 'volume', source: volume, containers: [] } as const;
      const place = { engine: facts, target: held, path: 'wal.db', signal };
      const copied = await fetchDatabase(place, path.join(target, 'wal.db'));
      live.close();
      expect(copied.lockedMs).toBe(0);
      const copy = new Database(path.join(target, 'wal.db'));
      expect(copy.prepare('SELECT said FROM word').pluck().get()).toBe('new');
      copy.close();
      await fetchDatabase({ ...place, path: 'junk.db' }, path.join(target, 'junk.db'));
      expect((await readdir(target)).toSorted()).toEqual(['junk.db', 'junk.db-journal', 'wal.db']);
      const error = await rejectionOf(fetchDatabase({ ...place, path: 'none.db' }, path.join(target, 'x')));
      expect(error).toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('none.db is not in'),
      });
    } finally {
      await engine.client.getVolume(volume).remove();
    }
  });
});
