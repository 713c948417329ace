import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { startMiniature, type Miniature } from '../../services/miniature/miniature.ts';

const engine = sharedEngine();
const user = 1001;
const asUser = ['setpriv', `--reuid=${String(user)}`, `--regid=${String(user)}`, '--clear-groups'];
const outcomeShape = z.object({
  backupId: z.string(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
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
    const env = snapshotTree(folder)['.env'];
    const made = outcomeShape.parse(await command(['backup']));
    expect(made.warnings).toEqual([]);

    const agent = engine.volumeData('agent-echo-workspace');
    const claude = snapshotTree(agent)['CLAUDE.md'];
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
    expect(snapshotTree(agent)['CLAUDE.md']).toEqual(claude);
    expect(snapshotTree(folder)['.env']).toEqual(env);
    expect(await runStates(engine)).toEqual(before.states);
  });
});
