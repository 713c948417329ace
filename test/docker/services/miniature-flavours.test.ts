import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { execIn, runStates } from '../../services/docker/containers.ts';
import { secondEngine, sharedEngine } from '../../services/docker/test-engine.ts';
import { containerSecrets, platformLedger, whilePaused } from '../../services/miniature/look.ts';
import { startMiniature } from '../../services/miniature/miniature.ts';
import type { Miniature, MiniatureOptions } from '../../services/miniature/miniature.ts';
import { startPlatform, untilTrue } from '../../services/miniature/platform.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const engine = sharedEngine();

async function start(options: Omit<MiniatureOptions, 'engine'>): Promise<Miniature> {
  const miniature = await startMiniature({ engine, ...options });
  onTestFinished(miniature.remove);
  return miniature;
}

describe('miniature flavours', () => {
  it('keep /data in a named volume, as the development stack does', async () => {
    const miniature = await start({ flavour: 'dev' });
    const { Config, Mounts } = await engine.client.getContainer('trinity-backend').inspect();
    expect(Mounts.find(({ Destination }) => Destination === '/data')?.Name).toBe('trinity_trinity-data');
    expect(Config.Labels['com.docker.compose.project.config_files']).toBe(
      path.join(miniature.folder, 'docker-compose.yml'),
    );
    expect(existsSync(path.join(miniature.folder, 'trinity-data'))).toBe(false);
  });

  it('keep rows in a Postgres server, as a hosted install does', async () => {
    const miniature = await start({ flavour: 'hosted', database: 'postgres' });
    await untilTrue('the scheduler has written', async () => {
      const tables = await execIn(engine, 'trinity-postgres', [
        'psql',
        '-U',
        'trinity',
        '-At',
        '-c',
        '\\dt ledger_steps',
      ]);
      return tables.stdout !== '' && (await platformLedger(miniature)).steps > 3;
    });
    expect((await platformLedger(miniature)).isConsistent).toBe(true);
    expect(existsSync(path.join(miniature.dataFolder, 'trinity.db'))).toBe(false);
    const dump = ['bash', '-c', 'pg_dump -Fc -U "$POSTGRES_USER" "$POSTGRES_DB" | head -c 5'];
    expect((await execIn(engine, 'trinity-postgres', dump)).stdout).toBe('PGDMP');
    const executions = ['psql', '-U', 'trinity', '-At', '-c', 'SELECT count(*) FROM schedule_executions'];
    expect((await execIn(engine, 'trinity-postgres', executions)).stdout).toBe('500\n');
    const names = ['trinity-postgres', 'trinity-scheduler', 'agent-echo'];
    expect(await whilePaused(engine, names, async () => await runStates(engine))).toMatchObject(
      Object.fromEntries(names.map((name) => [name, 'paused unless-stopped'])),
    );
  });

  it('come up healthy and empty on a new engine, when there is a checkout and nothing else', async () => {
    const second = await secondEngine();
    const checkout = path.join(await tempFolder(), 'trinity');
    await mkdir(checkout);
    await writeFile(path.join(checkout, '.env'), `ADMIN_PASSWORD=one\nSECRET_KEY=${'ab'.repeat(32)}\n`);
    const { url } = await startPlatform({ engine: second, checkout, flavour: 'prod' });
    expect(await (await fetch(`${url}/health`)).json()).toHaveProperty('status', 'healthy');
    const database = new Database(path.join(checkout, 'trinity-data/trinity.db'), { readonly: true });
    expect(database.prepare('SELECT count(*) FROM agent_ownership').pluck().get()).toBe(0);
    database.close();
    expect(await containerSecrets(second)).toContain('ab'.repeat(32));
  });
});
