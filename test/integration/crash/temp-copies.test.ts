import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { Pause } from '../../helpers/command-lab.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { CrashLab } from './crash-lab.ts';

const timeout = 600_000;

async function newLab(): Promise<CrashLab> {
  const lab = new CrashLab(await tempFolder());
  await lab.setUp();
  return lab;
}

function scratchOf({ home }: CrashLab): readonly Readonly<{ name: string; others: number }>[] {
  const folder = path.join(home, 'scratch');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => ({
    name: path.basename(name),
    others: statSync(path.join(folder, name)).mode & 0o077,
  }));
}

describe('the private copy of the database', { timeout }, () => {
  it('is nobody else’s while it is there, and goes with the next command when its run was killed', async () => {
    const lab = await newLab();
    const pause = new Pause(lab.folder, { operation: 'put', prefix: 'packs/' });
    const plan = Object.fromEntries(Object.entries(pause.env).map(([name, value]) => [name, value ?? '']));
    const ended = await lab.run(['backup'], { plan, killWhen: async () => await pause.reached() });
    expect(ended.signal).toBe('SIGKILL');
    const left = scratchOf(lab);
    expect(left.map(({ name }) => name)).toContain('trinity.db');
    expect(left.filter(({ others }) => others !== 0)).toEqual([]);
    await lab.succeed(['list']);
    expect(scratchOf(lab)).toEqual([]);
  });

  it('goes when the run has failed', async () => {
    const lab = await newLab();
    const seen: string[] = [];
    const failure = await rejectionOf(
      lab.withServices(
        async (context) => await createBackup(context, { trigger: 'manual' }, quietly),
        ({ operation, name }) => {
          if (operation !== 'put' || !name.startsWith('packs/')) return;
          seen.push(...scratchOf(lab).map((each) => each.name));
          throw Object.assign(new Error('EIO: planned'), { code: 'EIO' });
        },
      ),
    );
    expect(failure).toMatchObject({ name: 'AppError' });
    expect(seen).toContain('trinity.db');
    expect(scratchOf(lab)).toEqual([]);
  });

  it('lies in folders of ours alone, where what was killed is found again', async () => {
    const lab = await newLab();
    const database = new Database(path.join(lab.places.install, 'trinity-data/trinity.db'));
    // Of such a one a check makes a copy of its own.
    database.pragma('journal_mode=WAL');
    database.close();
    const plan = { TMPDIR: path.join(lab.folder, 'nowhere') };
    const ended = await lab.run(['backup'], { plan });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const [backup] = await lab.listed();
    const restored = await lab.run(['restore', backup ?? '', '--confirm'], { plan });
    expect([restored.code, restored.stderr]).toEqual([0, '']);
    const drilled = await lab.run(['drill'], { plan });
    expect([drilled.code, drilled.stderr]).toEqual([0, '']);
    expect(lab.leftovers()).toEqual([]);
  });
});
