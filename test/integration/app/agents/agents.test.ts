import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../../main/app/engine.ts';
import { tinyEngine, unwatched } from '../../../helpers/tiny-engine.ts';
import { runOperation } from '../../../../main/app/operations/run-operation.ts';

/** `one` is live under another name than its volumes, `two` is deleted, and no row has `three`. */
function writeOwners(install: string): void {
  const database = new Database(path.join(install, 'trinity-data/trinity.db'));
  database.exec(`
    DROP TABLE IF EXISTS agent_ownership;
    CREATE TABLE agent_ownership (agent_name TEXT UNIQUE, volume_base_name TEXT, deleted_at TEXT,
      is_system INTEGER, is_ephemeral INTEGER, file_sharing_enabled INTEGER);
    INSERT INTO agent_ownership VALUES ('uno', 'one', NULL, 0, 0, 0), ('two', NULL, '2026-03-01T00:00:00Z', 0, 0, 0),
      ('ghost', NULL, NULL, 0, 1, 0);
  `);
  database.close();
}

function writeVolume(volumes: string, name: string, file = 'a'): void {
  mkdirSync(path.join(volumes, name, '_data/.cache'), { recursive: true });
  writeFileSync(path.join(volumes, name, '_data', file), 'x'.repeat(5000));
  writeFileSync(path.join(volumes, name, '_data/.cache/rebuilt'), 'y'.repeat(9000));
}

async function standings(engine: Engine) {
  const { agents } = await runOperation(engine, 'agents', {}, unwatched);
  return agents.map(({ name, standing, volumes }) => [
    name,
    standing,
    volumes.map(({ coverage }) => coverage),
  ]);
}

describe('the list of agents', () => {
  it('has live, deleted and destroyed ones, each with the volumes of its base', async () => {
    const { engine, install, volumes } = await tinyEngine();
    writeOwners(install);
    writeVolume(volumes, 'agent-three-workspace');
    expect(await standings(engine)).toEqual([
      ['ghost', 'live', []],
      ['uno', 'live', ['never']],
      ['two', 'deleted', ['never']],
      ['three', 'destroyed', ['never']],
    ]);
    await runOperation(engine, 'backup', {}, unwatched);
    rmSync(path.join(volumes, 'agent-three-workspace'), { recursive: true });
    expect(await standings(engine)).toEqual([
      ['ghost', 'live', []],
      ['uno', 'live', ['covered']],
      ['two', 'deleted', ['covered']],
      ['three', 'destroyed', ['gone']],
    ]);
    const { agents } = await runOperation(engine, 'agents', {}, unwatched);
    expect(agents[0]).toMatchObject({ skipped: expect.stringContaining('ephemeral') });
    expect(agents[1]).toMatchObject({ base: 'one', consistency: 'pause', included: true });
    expect(agents[2]).toMatchObject({ deletedAt: '2026-03-01T00:00:00Z' });
  });

  it('follows the settings, and lists last what belongs to nobody', async () => {
    const { engine, install, volumes } = await tinyEngine();
    writeOwners(install);
    writeVolume(volumes, 'weblog_database');
    await runOperation(
      engine,
      'settingsSet',
      { path: ['agents', 'one'], value: { include: false, consistency: 'stop' } },
      unwatched,
    );
    const before = await runOperation(engine, 'agents', {}, unwatched);
    expect(before.agents.find(({ name }) => name === 'uno')).toMatchObject({
      included: false,
      consistency: 'stop',
      volumes: [{ included: false, coverage: 'left-out' }],
    });
    expect(before.ownerless).toMatchObject([{ volume: 'weblog_database', included: false }]);
    await runOperation(
      engine,
      'settingsSet',
      { path: ['volumes', 'weblog_database', 'include'], value: true },
      unwatched,
    );
    await runOperation(engine, 'backup', {}, unwatched);
    const after = await runOperation(engine, 'agents', {}, unwatched);
    expect(after.ownerless).toMatchObject([
      { volume: 'weblog_database', included: true, coverage: 'covered' },
    ]);
  });

  it('is told by the backups where the install cannot be looked at, with the reason', async () => {
    const { engine, install } = await tinyEngine();
    await runOperation(engine, 'backup', {}, unwatched);
    renameSync(install, `${install}-away`);
    const { agents, problems } = await runOperation(engine, 'agents', {}, unwatched);
    expect(agents.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(problems).toEqual([expect.stringContaining(install)]);
  });

  it('counts what patterns leave out apart', async () => {
    const { engine, volumes } = await tinyEngine();
    writeVolume(volumes, 'agent-three-workspace');
    const { volumes: sizes, isCut } = await runOperation(engine, 'agentSizes', {}, unwatched);
    expect(isCut).toBe(false);
    expect(sizes.find(({ volume }) => volume === 'agent-three-workspace')).toEqual({
      volume: 'agent-three-workspace',
      bytes: 5000,
      excludedBytes: 9000,
    });
  });
});
