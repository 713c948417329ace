import { expect, it } from 'vitest';
import { removeRow, reserveRow, revealRow } from '../../../main/backup/restore/another-name/agent-row.ts';
import { changeRows, type RowChange } from '../../../main/components/live-database.ts';
import { quietly } from '../../helpers/tiny-install.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { sql, startServer } from './postgres-lab.ts';

const engine = sharedEngine();
const second = { name: 'second', mark: '2026-11-22T10:00:00.123Z' };

it('the row of an agent under another name is hidden, shown and taken away in Postgres, too', async () => {
  const place = { kind: 'postgres', database: 'trinity', ...(await startServer(engine)) } as const;
  await sql(
    engine,
    `CREATE TABLE users (id serial PRIMARY KEY, role text);
     INSERT INTO users (role) VALUES ('user'), ('admin'), ('admin');
     CREATE TABLE agent_ownership (id serial PRIMARY KEY, agent_name text UNIQUE NOT NULL, owner_id integer NOT NULL,
       created_at text NOT NULL, deleted_at text, volume_base_name text, memory_limit text, file_sharing_enabled integer,
       autonomy_enabled boolean DEFAULT false);
     INSERT INTO agent_ownership (agent_name, owner_id, created_at, memory_limit, autonomy_enabled)
       VALUES ('o''neil', 1, 't', '8g', true)`,
  );
  const columns = new Set(
    (
      await sql(
        engine,
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'agent_ownership'",
      )
    ).split('\n'),
  );
  const run = async (change: RowChange): Promise<readonly number[]> =>
    await changeRows(place, [change], quietly.signal);
  const row = async (): Promise<string> =>
    await sql(
      engine,
      "SELECT owner_id, deleted_at, volume_base_name, memory_limit, file_sharing_enabled, autonomy_enabled FROM agent_ownership WHERE agent_name = 'second'",
    );
  expect(await run(reserveRow(second, { agent: "o'neil", columns, hasPublic: true }))).toEqual([1]);
  expect(await row()).toBe(`1|${second.mark}|second|8g|1|f`);
  expect(await run(removeRow(second))).toEqual([1]);
  expect(await row()).toBe('');
  expect(await run(reserveRow(second, { agent: undefined, columns, hasPublic: false }))).toEqual([1]);
  expect(await run(revealRow(second))).toEqual([1]);
  expect(await row()).toBe('2||second||0|f');
  expect([await run(revealRow(second)), await run(removeRow(second))]).toEqual([[0], [0]]);
  const again = run(reserveRow(second, { agent: undefined, columns, hasPublic: false }));
  await expect(again).rejects.toThrow(/unique/u);
});
