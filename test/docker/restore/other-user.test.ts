import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CommandLab, passphrase } from '../../helpers/command-lab.ts';
import { commandFile } from '../../helpers/command-file.ts';
import { removeFolder } from '../../helpers/temp-folder.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { runStates } from '../../services/docker/containers.ts';
import { ensureAgentImage } from '../../services/docker/images.ts';
import { secondEngine, sharedEngine } from '../../services/docker/test-engine.ts';
import { startMiniature, type Miniature } from '../../services/miniature/miniature.ts';

const engine = sharedEngine();
const user = 1001;
const asUser = ['setpriv', `--reuid=${String(user)}`, `--regid=${String(user)}`, '--clear-groups'];
const outcomeShape = z.object({
  backupId: z.string(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  notes: z.array(z.object({ code: z.string(), message: z.string() })),
});

let miniature: Miniature;
let lab: CommandLab;

beforeAll(async () => {
  miniature = await startMiniature({ engine });
  lab = new CommandLab(await mkdtemp(path.join(tmpdir(), 'trinity-test-')));
  writeFileSync(lab.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  // The bundles of this run lie in a folder of root's own.
  chmodSync(path.dirname(commandFile()), 0o755);
  for (const owned of [lab.base, lab.passphraseFile]) chownSync(owned, user, user);
  chmodSync(engine.socket, 0o666);
});

afterAll(async () => {
  chmodSync(engine.socket, 0o660);
  await miniature.remove();
  await removeFolder(lab.base);
});

async function command(args: readonly string[]): Promise<unknown> {
  const ended = await lab.run([...args, '--json'], {}, asUser);
  expect({ args, stderr: ended.stderr }).toEqual({ args, stderr: '' });
  return JSON.parse(ended.stdout);
}

describe('user 1001, who may use the socket, and a Trinity of user 1000', () => {
  it('backs everything up and brings it back, with owners, modes, links and running containers', async () => {
    const { folder, dataFolder } = miniature;
    const [envFile, database] = [path.join(folder, '.env'), path.join(dataFolder, 'trinity.db')];
    chmodSync(envFile, 0o600);
    chmodSync(path.join(dataFolder, 'avatars'), 0o700);
    expect(statSync(envFile).uid).toBe(1000);
    await command(['install', '--path', folder, '--docker-host', `unix://${engine.socket}`]);
    await command(['init', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile]);
    const before = {
      states: await runStates(engine),
      avatars: snapshotTree(path.join(dataFolder, 'avatars')),
    };
    // What the platform writes all the time comes and goes.
    const envNow = () => snapshotTree(folder, (name) => name.startsWith('trinity-data'))['.env'];
    const env = envNow();
    const made = outcomeShape.parse(await command(['backup']));
    expect(made.warnings).toEqual([]);

    const agent = engine.volumeData('agent-echo-workspace');
    // The agent writes beside it all the time.
    const claudeNow = () => snapshotTree(agent, (name) => !['', 'CLAUDE.md'].includes(name))['CLAUDE.md'];
    const claude = claudeNow();
    writeFileSync(path.join(agent, 'CLAUDE.md'), 'changed');
    writeFileSync(path.join(dataFolder, 'avatars/younger'), 'younger');
    writeFileSync(envFile, `${readFileSync(envFile, 'utf8')}YOUNGER=1\n`);
    const live = new Database(database, { timeout: 30_000 });
    live.prepare("UPDATE agent_ownership SET voice_name = 'changed'").run();
    live.close();

    const args = ['restore', made.backupId, '--no-safety-backup', '--confirm'];
    const outcome = outcomeShape.parse(await command(args));
    expect(outcome.warnings.filter(({ code }) => code !== 'special-file')).toEqual([]);
    const { size, mode, uid, gid } = statSync(database);
    expect({ mode: mode & 0o777, uid, gid }).toEqual({ mode: 0o644, uid: 1000, gid: 1000 });
    expect(size).toBeGreaterThan(0);
    const restored = new Database(database, { timeout: 30_000, readonly: true });
    expect(
      restored.prepare("SELECT count(*) FROM agent_ownership WHERE voice_name = 'changed'").pluck().get(),
    ).toBe(0);
    restored.close();
    expect(snapshotTree(path.join(dataFolder, 'avatars'))).toEqual(before.avatars);
    expect(claudeNow()).toEqual(claude);
    expect(envNow()).toEqual(env);
    expect(await runStates(engine)).toEqual(before.states);
  });

  it('follows a linked .env to where it may not look, and adds an old key to it', async () => {
    const { folder } = miniature;
    const [envFile, closed] = [path.join(folder, '.env'), path.join(path.dirname(folder), 'closed')];
    const target = path.join(closed, 'prod.env');
    mkdirSync(closed);
    renameSync(envFile, target);
    symlinkSync(target, envFile);
    for (const owned of [closed, target]) chownSync(owned, 1000, 1000);
    lchownSync(envFile, 1000, 1000);
    chmodSync(closed, 0o700);
    const content = readFileSync(target, 'utf8');
    const made = outcomeShape.parse(await command(['backup', '--only', 'persistence,config']));
    expect([made.warnings, made.notes.map(({ code }) => code)]).toEqual([
      [],
      expect.arrayContaining(['link-followed']),
    ]);
    const to = path.join(lab.base, 'to');
    await command(['restore', made.backupId, '--only', 'config', '--to', to]);
    expect(lstatSync(path.join(to, 'config/.env')).isFile()).toBe(true);
    expect(readFileSync(path.join(to, 'config/.env'), 'utf8')).toBe(content);

    const restore = async (only: string) =>
      outcomeShape.parse(
        await command(['restore', made.backupId, '--only', only, '--no-safety-backup', '--confirm']),
      );
    expect((await restore('config')).warnings).toEqual([]);
    expect(readlinkSync(envFile)).toBe(target);
    const key = /^CREDENTIAL_ENCRYPTION_KEY=(\S+)$/mu.exec(content)?.[1] ?? '';
    expect(key).toMatch(/^[0-9a-f]{64}$/u);
    writeFileSync(target, content.replace(key, 'cd'.repeat(32)));
    const { warnings, notes } = await restore('persistence');
    // The volume that nobody owns is named each time that a database comes back alone.
    expect(warnings.map(({ code }) => code)).toEqual(['younger-volumes']);
    expect(notes.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['secondary-key-added', 'env-restart']),
    );
    expect(readFileSync(envFile, 'utf8')).toContain(`CREDENTIAL_ENCRYPTION_KEY_SECONDARY=${key}\n`);
    expect(readFileSync(envFile, 'utf8')).toContain(`CREDENTIAL_ENCRYPTION_KEY=${'cd'.repeat(32)}\n`);
    const { mode, uid, gid } = lstatSync(envFile);
    expect({ mode: mode & 0o777, uid, gid }).toEqual({ mode: 0o600, uid: 1000, gid: 1000 });
    expect(readFileSync(target, 'utf8')).not.toContain(`SECONDARY=${key}`);
    const again = await restore('config');
    expect(again.warnings).toEqual([]);
    expect(lstatSync(envFile).isFile()).toBe(true);
  });

  it('builds a new install whose files belong to whom they did, where a container can give them owners', async () => {
    const { folder } = miniature;
    const second = await secondEngine();
    await ensureAgentImage(second);
    chmodSync(second.socket, 0o666);
    const made = outcomeShape.parse(await command(['backup']));
    const place = path.join(lab.base, 'new/trinity');
    const engineOf = ['--docker-host', `unix://${second.socket}`];
    const args = ['restore', made.backupId, '--new-install', place, ...engineOf, '--confirm'];
    const outcome = outcomeShape.parse(await command(args));
    expect(outcome.warnings.filter(({ code }) => code !== 'special-file')).toEqual([]);
    const owners = (root: string) =>
      [
        '',
        '.env',
        'VERSION',
        'config',
        'trinity-data',
        'trinity-data/trinity.db',
        'trinity-data/avatars',
      ].map((name) => {
        const { mode, uid, gid } = lstatSync(path.join(root, name));
        return [name, mode.toString(8), uid, gid];
      });
    expect(owners(place)).toEqual(owners(folder));
    const volume = 'agent-echo-workspace';
    expect(lstatSync(path.join(second.volumeData(volume), 'CLAUDE.md')).uid).toBe(1000);
  });
});
