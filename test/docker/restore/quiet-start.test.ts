import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endQuietStart } from '../../../main/backup/quiet/end-quiet-start.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { containerStates, execIn } from '../../services/docker/containers.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { startMiniature, type Miniature } from '../../services/miniature/miniature.ts';
import { backedUpMiniature } from './mini-lab.ts';

const engine = sharedEngine();
const queue =
  "UPDATE schedule_executions SET status = 'queued' WHERE id IN (SELECT id FROM schedule_executions ORDER BY id LIMIT 3)";
const select =
  "SELECT id, enabled FROM agent_schedules UNION ALL SELECT 'queued', count(*) FROM schedule_executions WHERE status = 'queued' ORDER BY 1";

/** Each schedule with whether it is on, and how many runs wait, as lines. */
async function stateOf({ database, dataFolder }: Miniature, before = ''): Promise<readonly string[]> {
  if (database === 'postgres') {
    const psql = ['psql', '-U', 'trinity', '-q', '-At', '-c', `${before}; ${select}`];
    return (await execIn(engine, 'trinity-postgres', psql)).stdout.trim().split('\n');
  }
  const opened = new Database(path.join(dataFolder, 'trinity.db'), { timeout: 30_000 });
  opened.exec(before);
  const rows = opened.prepare(select).raw().all();
  opened.close();
  return rows.map((row) => Object.values(Object(row)).join('|'));
}

async function schedulerStart(): Promise<string | undefined> {
  return (await containerStates(engine))['trinity-scheduler']?.startedAt;
}

describe('the end of a quiet start of the running miniature', () => {
  it.each([
    { flavour: 'prod', database: 'sqlite', access: 'auto' },
    { flavour: 'dev', database: 'sqlite', access: 'helper' },
    { flavour: 'hosted', database: 'postgres', access: 'auto' },
  ] as const)(
    'turns on what was on, and lets the scheduler read it: $flavour, $database, $access',
    async ({ flavour, database, access }) => {
      const miniature = await startMiniature({ engine, flavour, database });
      onTestFinished(miniature.remove);
      const before = await stateOf(miniature, queue);
      expect(before).toEqual([
        'queued|3',
        expect.stringMatching(/\|[01]$/u),
        expect.stringMatching(/\|[01]$/u),
      ]);
      expect(before.filter((line) => line.endsWith('|1'))).toHaveLength(1);
      const lab = await backedUpMiniature(miniature, access);
      const request = inPlace(lab.backupId, { only: ['persistence'], startQuietly: true });
      await restoreBackup(lab.context, { ...request, safetyBackup: false }, quietly);
      expect((await stateOf(miniature)).filter((line) => !line.endsWith('|0'))).toEqual([]);
      const started = await schedulerStart();
      const ended = await endQuietStart(lab.context, quietly);
      expect(ended).toMatchObject({ backupId: lab.backupId, schedules: 1, runs: 3, warnings: [] });
      expect(await stateOf(miniature)).toEqual(before);
      expect(await schedulerStart()).not.toBe(started);
      expect(await endQuietStart(lab.context, quietly)).toMatchObject({ backupId: null, schedules: 0 });
    },
  );
});
