import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CommandLab, passphrase, type RunningCommand } from '../../helpers/command-lab.ts';
import { removeFolder } from '../../helpers/temp-folder.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { containerSecrets } from '../../services/miniature/look.ts';
import { startMiniature, type Miniature } from '../../services/miniature/miniature.ts';

const engine = sharedEngine();

let miniature: Miniature;
let lab: CommandLab;

beforeAll(async () => {
  miniature = await startMiniature({ engine });
  lab = new CommandLab(await mkdtemp(path.join(tmpdir(), 'trinity-test-')));
  writeFileSync(lab.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  await lab.json(['install', '--path', miniature.folder, '--docker-host', `unix://${engine.socket}`]);
  await lab.json(['init', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile]);
  await lab.json(['settings', 'set', 'notifications.operatorQueue', 'true']);
});

afterAll(async () => {
  await miniature.remove();
  await removeFolder(lab.base);
});

type Item = Readonly<{ key: string; status: string; title: string }>;

/** What Trinity has in its queue of us. */
function items(): readonly Item[] {
  const database = new Database(path.join(miniature.dataFolder, 'trinity.db'), {
    readonly: true,
    timeout: 10_000,
  });
  try {
    return database
      .prepare<[], Item>(
        "SELECT json_extract(context, '$.cause') AS key, status, title FROM operator_queue WHERE agent_name = '_trinity-backup' ORDER BY rowid",
      )
      .all();
  } finally {
    database.close();
  }
}

async function itemsUntil(fit: (all: readonly Item[]) => boolean): Promise<readonly Item[]> {
  for (;;) {
    const all = items();
    if (fit(all)) return all;
    await delay(200);
  }
}

async function stopped(serve: RunningCommand): Promise<void> {
  serve.kill('SIGTERM');
  expect((await serve.ended).code).toBe(0);
}

describe("Trinity's operator queue", () => {
  it('takes a test and leaves nothing open', async () => {
    expect(await lab.json(['notices', 'test', 'queue'])).toEqual({ sink: 'queue' });
    expect(items()).toEqual([{ key: 'test', status: 'cancelled', title: 'Trinity Backup: A test' }]);
  });

  it('has one open item while a cause is there, which is closed when it is gone', async () => {
    const { backupId } = (await lab.json(['backup'])) as { backupId: string };
    const packs = readdirSync(path.join(lab.vault, 'packs'), { recursive: true, encoding: 'utf8' });
    const pack = packs.find((name) => name.length > 10) ?? '';
    const file = path.join(lab.vault, 'packs', pack);
    const whole = await readFile(file);
    truncateSync(file, 1000);
    const serve = lab.start(['serve', '--port', '0']);
    onTestFinished(() => serve.kill('SIGKILL'));
    while (!existsSync(path.join(lab.home, 'engine.sock'))) await delay(20);
    expect((await lab.run(['verify', '--data', 'full'])).code).toBe(6);
    expect((await lab.run(['verify', '--data', 'full'])).code).toBe(6);
    const isOpen = ({ key, status }: Item): boolean => key === 'damaged' && status === 'pending';
    expect((await itemsUntil((all) => all.some(isOpen))).filter(isOpen)).toHaveLength(1);
    writeFileSync(file, whole);
    await lab.json(['backup']);
    await lab.json(['verify', backupId, '--data', 'full']);
    const closed = await itemsUntil((all) => !all.some(isOpen));
    expect(closed.filter(({ key }) => key === 'damaged')).toMatchObject([{ status: 'cancelled' }]);
    await stopped(serve);
  });

  it('is off with the reason while the backend is not healthy', async () => {
    await miniature.api.set({ pending_migration: 'next_thing' });
    const reason = "Trinity's backend is not healthy, so the operator queue is not written.";
    const refused = await lab.run(['notices', 'test', 'queue']);
    expect(refused).toMatchObject({ code: 1, stderr: `${reason}\n` });
    expect(await lab.json(['notices', 'list'])).toMatchObject({
      sinks: expect.arrayContaining([expect.objectContaining({ name: 'queue', isOn: false, reason })]),
    });
    await miniature.api.set({ pending_migration: null });
    expect((await lab.run(['notices', 'test', 'queue'])).code).toBe(0);
  });

  it('is told of no secret of any container, nor is the log', async () => {
    const secrets = await containerSecrets(engine);
    const log = await readFile(path.join(lab.home, 'logs', 'engine.log'), 'utf8');
    const all = `${log}${JSON.stringify(items())}`;
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  });
});

describe('an upgrade that lies ready', () => {
  it('is told before it runs: the backend is older than the version in the checkout', async () => {
    const version = path.join(miniature.folder, 'VERSION');
    const before = await readFile(version, 'utf8');
    writeFileSync(version, '0.9.6\n');
    const { stdout } = await lab.run(['status', '--json']);
    writeFileSync(version, before);
    expect(JSON.parse(stdout)).toMatchObject({
      causes: expect.arrayContaining([
        expect.objectContaining({ key: 'upgrade:0.9.6', title: 'Back up before Trinity is upgraded' }),
      ]),
    });
  });
});
