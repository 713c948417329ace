import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { readAgents } from '../../../main/trinity/agents.ts';
import { findEnvelope, proveKeys } from '../../../main/trinity/credentials.ts';
import { databaseFacts } from '../../../main/trinity/database-facts.ts';
import { readInstall } from '../../../main/trinity/read-install.ts';
import { writeSampleInstall } from '../../../main/trinity/sample/write-sample.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

async function makeDatabase(sql: string): Promise<string> {
  const file = join(await tempFolder(), 'trinity.db');
  const database = new Database(file);
  database.exec(sql);
  database.close();
  return file;
}

describe('readAgents', () => {
  it('reads an older schema that lacks the newer columns and tables', async () => {
    const file = await makeDatabase(
      "CREATE TABLE agent_ownership (id INTEGER PRIMARY KEY, agent_name TEXT UNIQUE, owner_id INTEGER); INSERT INTO agent_ownership VALUES (1, 'echo', 1)",
    );
    expect(readAgents(file)).toEqual([
      {
        name: 'echo',
        volumeBase: 'echo',
        isSystem: false,
        isEphemeral: false,
        deletedAt: undefined,
        fileSharing: false,
        exposesFolder: false,
      },
    ]);
  });

  it('passes over rows whose name is no text, and takes odd values as they are meant', async () => {
    const file = await makeDatabase(`
      CREATE TABLE agent_ownership (agent_name, volume_base_name, deleted_at, is_system, is_ephemeral);
      INSERT INTO agent_ownership VALUES (x'00ff', 'a', NULL, 0, 0), (NULL, 'b', NULL, 0, 0), ('', 'c', NULL, 0, 0), (7, 'd', NULL, 0, 0),
        ('${'long'.repeat(100)}', NULL, NULL, 0, 0), ('fine', '', '', 'true', '1'), ('gone', 12, 17, 0, 0)`);
    expect(readAgents(file)).toMatchObject([
      { name: 'fine', volumeBase: 'fine', deletedAt: undefined, isSystem: true, isEphemeral: true },
      { name: 'gone', volumeBase: 'gone', deletedAt: 'at an unknown time' },
    ]);
  });

  it('reads no view that pretends to be the table', async () => {
    const file = await makeDatabase(
      'CREATE VIEW agent_ownership AS WITH RECURSIVE n(agent_name) AS (SELECT 1 UNION ALL SELECT agent_name FROM n) SELECT * FROM n',
    );
    expect(readAgents(file)).toEqual([]);
  });

  it('says damaged of what is no database, unavailable of what is not there', async () => {
    const file = join(await tempFolder(), 'trinity.db');
    expect(() => readAgents(file)).toThrow(expect.objectContaining({ kind: 'unavailable' }));
    await writeFile(file, 'HTTP/1.1 200 OK\r\n'.repeat(300));
    expect(() => readAgents(file)).toThrow(expect.objectContaining({ kind: 'damaged' }));
  });

  it('works in no journal that lies beside a copy', async () => {
    const file = await makeDatabase('CREATE TABLE agent_ownership (agent_name TEXT)');
    await writeFile(`${file}-journal`, 'something');
    expect(() => readAgents(file)).toThrow(expect.objectContaining({ kind: 'damaged' }));
  });
});

describe('databaseFacts and proveKeys', () => {
  it('tell migrations, rows, agents and whether the key fits', async () => {
    const { installFolder } = await writeSampleInstall(await tempFolder(), { size: 'small', seed: 'facts' });
    const install = await readInstall({ folder: installFolder });
    const file = install.databaseFile ?? '';
    const facts = databaseFacts(file);
    expect(facts).toMatchObject({
      lastMigration: 'settings_secret_envelopes',
      pageSize: 4096,
      rowCounts: {
        users: 1,
        agent_ownership: 8,
        schedule_executions: 500,
        chat_messages: 1000,
        operator_queue: 3,
      },
    });
    expect(facts.migrations).toHaveLength(60);
    expect(facts.agents.find(({ name }) => name === 'research')).toMatchObject({
      volumeBase: 'scout',
      fileSharing: true,
      schedules: 1,
      enabledSchedules: 0,
    });
    expect(facts.agents.find(({ name }) => name === 'reader')).toMatchObject({
      consumesFolder: true,
      exposesFolder: false,
    });
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
    const key = install.env.get('CREDENTIAL_ENCRYPTION_KEY') ?? '';
    expect(proveKeys(file, [key])).toEqual({ state: 'opens' });
    expect(proveKeys(file, ['00'.repeat(32), key])).toEqual({ state: 'opens' });
    expect(proveKeys(file, ['00'.repeat(32), ''])).toEqual({
      state: 'fails',
      place: 'system_settings.value',
    });
  });

  it('say so, when there is nothing to read or to prove', async () => {
    const file = await makeDatabase(
      "CREATE TABLE system_settings (key TEXT, value); INSERT INTO system_settings VALUES ('anthropic_api_key', 'sk-plain'), ('x_encrypted', 7)",
    );
    expect(findEnvelope(file)).toBeUndefined();
    expect(proveKeys(file, ['00'.repeat(32)])).toEqual({ state: 'untested' });
    expect(databaseFacts(file)).toMatchObject({
      lastMigration: null,
      migrations: [],
      agents: [],
      rowCounts: { system_settings: 2 },
    });
  });
});
