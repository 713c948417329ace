import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  removeRow,
  reserveRow,
  revealRow,
} from '../../../../../main/backup/restore/another-name/agent-row.ts';
import { columnNames } from '../../../../../main/trinity/open-copy.ts';
import { sampleSchema } from '../../../../../main/trinity/sample/sample-schema.ts';
import type { RowChange } from '../../../../../main/components/live-database.ts';

const mark = '2026-11-22T10:00:00.123Z';
const second = { name: 'second', mark };

/** Trinity's schema with an agent that has a value in every column that an operator can set. */
function trinity() {
  const database = new Database(':memory:');
  database.exec(sampleSchema);
  database.exec(`
    INSERT INTO users (id, username, role, created_at, updated_at) VALUES
      (3, 'ann', 'creator', 't', 't'), (4, 'root', 'admin', 't', 't'), (5, 'boss', 'admin', 't', 't');
    INSERT INTO agent_ownership (agent_name, owner_id, created_at, memory_limit, autonomy_enabled, open_access, mcp_exposed,
      guardrails_config, require_email, subscription_id, volume_base_name, file_sharing_enabled, display_label, avatar_identity_prompt)
      VALUES ('research', 3, '2026-01-01', '8g', 1, 1, 1, '{"a":1}', 1, 'sub', 'scout', 1, 'The one', 'a fox')`);
  return database;
}

function run(database: Database.Database, { sqlite, text }: RowChange): number {
  return database.prepare(sqlite).run(text).changes;
}

function rowOf(database: Database.Database, name: string): unknown {
  return database.prepare('SELECT * FROM agent_ownership WHERE agent_name = ?').get(name);
}

const columnsOf = (database: Database.Database) => columnNames(database, 'agent_ownership');

describe('the row of a copied agent', () => {
  it('has the owner and limits of the other, and nothing by which it would work or be reached by itself', () => {
    const database = trinity();
    const template = { agent: 'research', columns: columnsOf(database), hasPublic: true };
    expect(run(database, reserveRow(second, template))).toBe(1);
    expect(rowOf(database, 'second')).toMatchObject({
      owner_id: 3,
      created_at: mark,
      deleted_at: mark,
      volume_base_name: 'second',
      memory_limit: '8g',
      guardrails_config: '{"a":1}',
      require_email: 1,
      subscription_id: 'sub',
      file_sharing_enabled: 1,
      autonomy_enabled: 0,
      open_access: 0,
      mcp_exposed: 0,
      is_system: 0,
      display_label: null,
      avatar_identity_prompt: null,
    });
  });

  it("is an administrator's, behind a sign-in, where Trinity has no such agent any more", () => {
    const database = trinity();
    const template = { agent: undefined, columns: columnsOf(database), hasPublic: false };
    expect(run(database, reserveRow(second, template))).toBe(1);
    expect(rowOf(database, 'second')).toMatchObject({
      owner_id: 4,
      require_email: 1,
      memory_limit: null,
      file_sharing_enabled: 0,
    });
  });

  it('is never put in place of another of that name', () => {
    const database = trinity();
    const template = { agent: 'research', columns: columnsOf(database), hasPublic: false };
    expect(() => run(database, reserveRow({ name: 'research', mark }, template))).toThrow(/UNIQUE/u);
  });

  it('is shown once, and taken away only while it is as it was made', () => {
    const database = trinity();
    const template = { agent: 'research', columns: columnsOf(database), hasPublic: false };
    run(database, reserveRow(second, template));
    expect(run(database, removeRow({ name: 'second', mark: '2026-11-22T10:00:00.124Z' }))).toBe(0);
    expect([run(database, revealRow(second)), run(database, revealRow(second))]).toEqual([1, 0]);
    expect(rowOf(database, 'second')).toMatchObject({ deleted_at: null });
    // Somebody may have begun to work with it.
    expect(run(database, removeRow(second))).toBe(0);
    expect(run(database, removeRow({ name: 'research', mark }))).toBe(0);
  });

  it('says the same to Postgres, in its schema, with one place for the text', () => {
    const columns = new Set(['agent_name', 'deleted_at', 'owner_id']);
    const { postgres, text } = reserveRow(second, { agent: "o'neil", columns, hasPublic: false });
    expect({ postgres, text }).toEqual({
      postgres: `INSERT INTO public.agent_ownership (agent_name, deleted_at, owner_id) SELECT 'second', '${mark}', owner_id FROM public.agent_ownership WHERE agent_name = ?`,
      text: "o'neil",
    });
  });
});
