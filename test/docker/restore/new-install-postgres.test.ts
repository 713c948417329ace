import { chmod, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { emptyLab, type CommandLab } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { execIn, runStates } from '../../services/docker/containers.ts';
import type { Engine } from '../../services/docker/engine.ts';
import { secondEngine, sharedEngine } from '../../services/docker/test-engine.ts';
import { freePort } from '../../services/free-port.ts';
import { readEnv } from '../../services/miniature/checkout.ts';
import { startMiniature, type Miniature } from '../../services/miniature/miniature.ts';
import { startPlatform } from '../../services/miniature/platform.ts';

let mini: Miniature | undefined;
beforeAll(async () => {
  mini = await startMiniature({ engine: sharedEngine(), flavour: 'hosted', database: 'postgres' });
});
afterAll(async () => await mini?.remove());

const findings = z.array(z.object({ code: z.string(), message: z.string() }));
const restored = z.object({ warnings: findings, notes: findings });
const finished = z.object({
  isDone: z.boolean(),
  database: z.string().optional(),
  started: z.array(z.string()).optional(),
  nextStep: z.string().nullable().optional(),
  waitsFor: z.object({ why: z.string(), command: z.string().nullable() }).nullable().optional(),
  safetyBackupId: z.string().nullable().optional(),
});
const status = z.object({ causes: z.array(z.object({ key: z.string(), body: z.string() })) });

function running(): Miniature {
  if (mini === undefined) throw new Error('The miniature does not run.');
  return mini;
}

type Machine = Readonly<{
  engine: Engine;
  lab: CommandLab;
  backupId: string;
  /** Names the port that the database has here, which stands in a secret. */
  envFile: string;
  /** An empty folder for a new install. */
  folder: string;
}>;

/** A backup of the miniature, and another machine that knows nothing but the vault and its recovery key. */
async function otherMachine(): Promise<Machine> {
  const { engine, folder } = running();
  const first = await emptyLab();
  await first.json(['install', '--path', folder, '--docker-host', `unix://${engine.socket}`]);
  const init = z.object({ recoveryKey: z.string() });
  const { recoveryKey } = init.parse(await first.json(['init', '--vault', first.vault]));
  const { stdout } = await first.run(['backup', '--json']);
  const { backupId } = z.object({ backupId: z.string() }).parse(JSON.parse(stdout));
  const lab = await emptyLab();
  await lab.json(['connect', '--vault', first.vault, '--recovery-key', recoveryKey]);
  const base = await realpath(await tempFolder());
  await chmod(base, 0o755);
  const password = readEnv(folder).get('POSTGRES_PASSWORD') ?? '';
  const port = String(await freePort());
  const envFile = path.join(base, 'values');
  await writeFile(envFile, `DATABASE_URL=postgresql://trinity:${password}@postgres:${port}/trinity\n`);
  return { engine: await secondEngine(), lab, backupId, envFile, folder: path.join(base, 'trinity') };
}

async function build(
  { engine, lab, backupId, envFile }: Machine,
  folder: string,
): Promise<z.infer<typeof restored>> {
  const host = ['--start-quietly', '--docker-host', `unix://${engine.socket}`, '--env-file', envFile];
  const ended = await lab.run(['restore', backupId, '--new-install', folder, '--confirm', ...host, '--json']);
  const password = readEnv(running().folder).get('POSTGRES_PASSWORD') ?? '';
  expect(ended.stdout + ended.stderr).not.toContain(password);
  if (ended.code !== 0 && ended.code !== 3) throw new Error(ended.stderr);
  return restored.parse(JSON.parse(ended.stdout));
}

async function finish(
  lab: CommandLab,
  code: number,
  ...more: readonly string[]
): Promise<z.infer<typeof finished>> {
  return finished.parse(await lab.json(['finish', ...more], code));
}

async function unfinished(lab: CommandLab): Promise<readonly string[]> {
  const ended = await lab.run(['status', '--json']);
  const { causes } = status.parse(JSON.parse(ended.stdout));
  return causes.filter(({ key }) => key === 'finish').map(({ body }) => body);
}

async function sql(engine: Engine, statement: string, database = 'trinity'): Promise<string> {
  const command = ['psql', '-U', 'trinity', '-d', database, '-At', '-c', statement];
  const { code, stdout, stderr } = await execIn(engine, 'trinity-postgres', command);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

const agents = "SELECT string_agg(agent_name, ' ' ORDER BY agent_name) FROM agent_ownership";

async function removeAgentVolumes({ client }: Engine): Promise<void> {
  for (const { Name } of (await client.listVolumes()).Volumes)
    if (Name.startsWith('agent-')) await client.getVolume(Name).remove();
}

// Each builds an install on an engine of its own.
describe('a new install with a Postgres', () => {
  it('is finished in two commands: its database once its server is there, its agents once Trinity runs', async () => {
    const machine = await otherMachine();
    const { engine, lab, folder } = machine;
    const rows = await sql(running().engine, agents);
    const { warnings, notes } = await build(machine, folder);
    expect(warnings.map(({ code }) => code)).toContain('database-not-yet');
    const command = `cd ${folder} && docker compose -f docker-compose.hosted.yml up -d postgres && trinity-backup finish`;
    const next = notes.find(({ code }) => code === 'next-step')?.message ?? '';
    expect(next).toContain(`"${command}"`);
    expect(next).toMatch(/start\.sh --hosted.*trinity-backup finish again.*: .*research/u);
    expect(await unfinished(lab)).toEqual([expect.stringMatching(/^Its database .*agents? that ran/u)]);
    const early = await finish(lab, 3);
    expect(early).toMatchObject({ isDone: false, database: 'waiting', started: [] });
    expect(early.nextStep).toContain(command);
    expect(`${early.waitsFor?.command ?? ''} && trinity-backup finish`).toBe(command);

    // The start script starts the server first; here somebody loads the database then, as the next step says.
    await startPlatform({
      engine,
      checkout: folder,
      flavour: 'hosted',
      beforeBackend: async () => {
        const loaded = await finish(lab, 3);
        expect(loaded).toMatchObject({ isDone: false, database: 'loaded', safetyBackupId: null });
        const start = `cd ${folder} && ./scripts/deploy/start.sh --hosted`;
        expect(loaded.waitsFor).toEqual({ why: 'Trinity does not run yet.', command: start });
        expect(loaded.nextStep).toMatch(/^Trinity does not run yet\. .*start\.sh --hosted.*research/u);
        expect(await sql(engine, agents)).toBe(rows);
        // As the restore was asked to.
        expect(await sql(engine, 'SELECT count(*) FROM agent_schedules WHERE enabled = 1')).toBe('0');
      },
    });
    expect(await unfinished(lab)).toEqual([expect.stringMatching(/^\d agents that ran wait/u)]);
    const done = await finish(lab, 0);
    expect(done).toMatchObject({ isDone: true, database: 'none', nextStep: null, waitsFor: null });
    expect(done.started).toEqual(['echo', 'reader', 'research', 'trinity-system', 'writer']);
    const states = await runStates(engine);
    const wanted = Object.entries(await runStates(running().engine));
    const ours = wanted.filter(([name]) => name.startsWith('agent-') && !name.startsWith('agent-ghost'));
    expect(states).toMatchObject(Object.fromEntries(ours));
    const { stdout } = await execIn(engine, 'agent-research', ['cat', '/home/developer/CLAUDE.md']);
    expect(stdout).toContain('# scout');
    expect(await finish(lab, 0)).toEqual({ isDone: true });
    expect(await unfinished(lab)).toEqual([]);
  });

  it('gets its database at once where an empty server is there, running or not, and never over another', async () => {
    const machine = await otherMachine();
    const { engine, lab, folder } = machine;
    const rows = await sql(running().engine, agents);
    await build(machine, folder);
    const beforeBackend = async (): Promise<void> => await Promise.reject(new Error('no more'));
    const started = startPlatform({ engine, checkout: folder, flavour: 'hosted', beforeBackend });
    await expect(started).rejects.toThrow('no more');
    await sql(engine, 'CREATE TABLE word (said text)');
    const refused = await lab.run(['finish']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Add --confirm')]);
    expect(await sql(engine, 'SELECT count(*) FROM word')).toBe('0');
    const confirmed = await finish(lab, 3, '--confirm');
    expect(confirmed).toMatchObject({ database: 'loaded', safetyBackupId: expect.any(String) });
    expect(await sql(engine, agents)).toBe(rows);

    await removeAgentVolumes(engine);
    const server = engine.client.getContainer('trinity-postgres');
    await server.stop();
    await expect(build(machine, `${folder}-2`)).rejects.toThrow(/holds a database trinity with tables/u);
    expect((await server.inspect()).State.Running).toBe(false);
    // What failed has not made the home forget the install before.
    expect(await unfinished(lab)).toHaveLength(1);

    await server.start();
    const emptied = async (): Promise<string> =>
      await sql(engine, 'DROP DATABASE trinity', 'postgres').catch(String);
    await expect.poll(emptied).toBe('DROP DATABASE');
    await server.stop();
    const { warnings, notes } = await build(machine, `${folder}-3`);
    expect(warnings.map(({ code }) => code)).not.toContain('database-not-yet');
    expect(notes.find(({ code }) => code === 'next-step')?.message).not.toContain('docker compose');
    expect(await sql(engine, agents)).toBe(rows);
    const names = await sql(
      engine,
      "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database",
      'postgres',
    );
    expect(names).toBe('postgres template0 template1 trinity');
    expect(await finish(lab, 3)).toMatchObject({ database: 'none', started: [], isDone: false });
  });
});
