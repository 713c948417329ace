import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { emptyLab, type CommandLab } from '../../helpers/command-lab.ts';
import { tinyKey } from '../../helpers/tiny-install.ts';
import { killAtGate } from '../../services/docker/kill-at-gate.ts';
import { openGate, type EngineGate, type GateMoment } from '../../services/docker/engine-gate.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { kinds } from '../../helpers/victims.ts';
import { databaseNames, rightPassword, serverName, sql, startServer } from '../database/postgres-lab.ts';

const engine = sharedEngine();
const made = z.object({ backupId: z.string() });

type Lab = Readonly<{ lab: CommandLab; gate: EngineGate; host: string; backupId: string; pending: string }>;

/** What a command answers that does its work, with warnings or without. */
async function answerOf(lab: CommandLab, args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await lab.run([...args, '--json']);
  if (code !== 0 && code !== 3) throw new Error(`${args.join(' ')} ended with ${String(code)}: ${stderr}`);
  return JSON.parse(stdout);
}

/** A backup of a Postgres, in a home whose command reaches the engine through a gate alone. */
async function backedUp(): Promise<Lab> {
  const { port } = await startServer(engine);
  await sql(engine, "CREATE TABLE word (id int PRIMARY KEY, said text); INSERT INTO word VALUES (1, 'old')");
  const lab = await emptyLab();
  const gate = await openGate(engine, path.join(lab.base, 'engine.sock'));
  const host = `unix://${gate.socket}`;
  mkdirSync(path.join(lab.install, 'trinity-data'), { recursive: true });
  const values = [
    `CREDENTIAL_ENCRYPTION_KEY=${tinyKey}`,
    `POSTGRES_PASSWORD=${rightPassword}`,
    `DATABASE_URL=postgresql://trinity:${rightPassword}@${serverName}:${String(port)}/trinity`,
  ];
  writeFileSync(path.join(lab.install, '.env'), `${values.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(path.join(lab.install, 'VERSION'), '0.9.5\n');
  await lab.json(['install', '--path', lab.install, '--docker-host', host]);
  await lab.json(['init', '--vault', lab.vault]);
  const answer = await answerOf(lab, ['backup']);
  expect(answer).toMatchObject({ incomplete: false });
  const { backupId } = made.parse(answer);
  return { lab, gate, host, backupId, pending: path.join(lab.home, 'new-install.json') };
}

/** As compose makes it. */
async function emptyServer(): Promise<void> {
  await sql(engine, 'DROP DATABASE trinity WITH (FORCE)', 'postgres');
  await sql(engine, 'CREATE DATABASE trinity', 'postgres');
}

/** The load in its middle, and each program that a server has run from then on without anybody knowing it; then all that follows. */
function moments(calls: readonly string[]): readonly GateMoment[] {
  const load = calls.indexOf('POST exec pg_restore') + 2;
  expect(calls[load - 1]).toBe('POST start');
  const programs = calls.flatMap((call, index) =>
    index >= load - 1 && /psql|pg_restore/u.test(calls[index - 1] ?? '') && call === 'POST start'
      ? [{ call: index + 1, when: 'after' } as const]
      : [],
  );
  expect(programs.length).toBeGreaterThan(3);
  return [{ call: load, when: 'within' }, ...programs, { call: calls.length, when: 'after' }];
}

describe('a new install whose database is being loaded', { timeout: 900_000 }, () => {
  it('is finished by the next finish, wherever the one before was killed, and is not loaded twice', async () => {
    const { lab, gate, host, backupId, pending } = await backedUp();
    const wait = async (): Promise<void> => {
      await emptyServer();
      const left = { database: true, agents: [] };
      const content = { format: 1, backupId, folder: lab.install, dockerHost: host, left };
      writeFileSync(pending, JSON.stringify(content));
    };
    await wait();
    gate.watch();
    expect(await answerOf(lab, ['finish'])).toMatchObject({ database: 'loaded', isDone: true });
    const ends: string[] = [];
    for (const [index, moment] of moments(gate.calls()).entries()) {
      await wait();
      await killAtGate({ lab, gate }, ['finish'], { moment, victims: kinds[index % kinds.length] });
      const loaded = await answerOf(lab, ['finish']);
      // A document without a database: nothing was left to do.
      ends.push(z.object({ database: z.string().default('none') }).parse(loaded).database);
      expect([moment, await sql(engine, 'SELECT said FROM word'), existsSync(pending)]).toEqual([
        moment,
        'old',
        false,
      ]);
      expect(await databaseNames(engine)).toEqual(['postgres', 'trinity']);
      expect(readdirSync(path.join(lab.home, 'journals'))).toEqual([]);
    }
    // Loaded by the second, and found to have come back with the first.
    expect(new Set(ends)).toEqual(new Set(['loaded', 'none']));
  });

  it('is there or is not, when it was to be built at once', async () => {
    const { lab, gate, host, backupId, pending } = await backedUp();
    let count = 0;
    const build = (): readonly string[] => {
      count += 1;
      const folder = path.join(lab.base, `new-${String(count)}`);
      return ['restore', backupId, '--new-install', folder, '--confirm', '--docker-host', host];
    };
    await emptyServer();
    gate.watch();
    await answerOf(lab, build());
    const all = moments(gate.calls());
    const codes: (number | null)[] = [];
    for (const [index, moment] of [all.at(0), ...all.slice(-2)].entries()) {
      if (moment === undefined) continue;
      await emptyServer();
      const building = build();
      await killAtGate({ lab, gate }, building, { moment, victims: kinds[index % kinds.length] });
      const finished = await lab.run(['finish', '--json']);
      codes.push(finished.code);
      if (finished.code !== 0) {
        expect(finished.stderr).toContain('did not come about');
        await answerOf(lab, building);
      }
      expect([moment, await sql(engine, 'SELECT said FROM word'), existsSync(pending)]).toEqual([
        moment,
        'old',
        false,
      ]);
      expect(await databaseNames(engine)).toEqual(['postgres', 'trinity']);
      expect(readdirSync(path.join(lab.home, 'journals'))).toEqual([]);
    }
    // Not there: it is refused as not found. There: nothing is left.
    expect(new Set(codes)).toEqual(new Set([5, 0]));
  });
});
