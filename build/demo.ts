import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { bundleEntry } from './bundle.ts';
import { readRows, readTree, type TreeState } from './demo/tree-state.ts';
import { commandEntry, findEditionEntries, findProductEntries, projectFolder } from './entries.ts';

// `npm run demo`: the main job, done by the command itself on a sample install, in a folder that goes in the end.

const lostVolume = 'volumes/agent-writer-workspace';
const database = 'trinity/trinity-data/trinity.db';

const folder = await mkdtemp(path.join(tmpdir(), 'trinity-backup-demo-'));
// Below node_modules, so that the bundle finds the native packages.
const bundles = await mkdtemp(path.join(projectFolder, 'node_modules/.trinity-backup-demo-'));
try {
  process.exitCode = await showAll();
} finally {
  await rm(folder, { recursive: true, force: true });
  await rm(bundles, { recursive: true, force: true });
}

async function showAll(): Promise<number> {
  await Promise.all(findProductEntries().map(async (entry) => bundleEntry(entry, bundles)));
  say('A sample Trinity install, a vault, and a first backup:\n');
  await run('demo', 'sample');
  await run('install', '--path', 'sample/trinity', '--volumes-root', 'sample/volumes');
  await run('init', '--vault', 'vault');
  await run('backup');
  const before = await look();
  say('Disaster: the workspace of the agent "writer" and the database of Trinity are gone.\n');
  await lose(lostVolume);
  await lose(database);
  const [backup] = JSON.parse(await quiet('list', '--json')) as { backupId: string }[];
  await run('restore', backup?.backupId ?? '', '--confirm');
  const isSame = compare(before, await look());
  // A rehearsal is of the enterprise edition; without its file the check of every byte is as good a show.
  await (findEditionEntries().length > 0 ? run('drill') : run('verify', '--data', 'full'));
  await run('status');
  return isSame ? 0 : 1;
}

type Look = Readonly<{ tree: TreeState; rows: ReturnType<typeof readRows> }>;

async function look(): Promise<Look> {
  const sample = path.join(folder, 'sample');
  const databaseFile = path.join(sample, database);
  return {
    tree: await readTree(sample, (name) => name === databaseFile || isDockers(path.relative(sample, name))),
    rows: readRows(databaseFile),
  };
}

/** What Docker itself keeps around the content of a volume is made anew with it. */
function isDockers(name: string): boolean {
  return /^volumes(?:\/[^/]+(?:\/meta\.json)?)?$/u.test(name);
}

function compare(before: Look, after: Look): boolean {
  const names = new Set([...before.tree.keys(), ...after.tree.keys()]);
  const different = [...names].filter((name) => before.tree.get(name) !== after.tree.get(name));
  const isSameDatabase = before.rows.hash === after.rows.hash;
  say(
    `Compared with the install as it was: ${names.size - different.length} of ${names.size} files and folders are equal\n` +
      'in content, mode, owner, time (to the nanosecond) and links; ' +
      `of ${before.rows.rows} database rows ${isSameDatabase ? 'all are equal' : 'some differ'}.\n`,
  );
  for (const name of different.slice(0, 10)) say(`Different: ${name}`);
  return different.length === 0 && isSameDatabase;
}

async function lose(name: string): Promise<void> {
  say(`$ rm -rf ${name}`);
  await rm(path.join(folder, 'sample', name), { recursive: true });
}

/** Runs a command as it would be typed, its output shown. */
async function run(...args: readonly string[]): Promise<void> {
  say(`$ trinity-backup ${args.join(' ')}`);
  say(await quiet(...args));
}

async function quiet(...args: readonly string[]): Promise<string> {
  const command = path.join(bundles, `${commandEntry.name}.js`);
  const env = {
    ...process.env,
    TRINITY_BACKUP_HOME: path.join(folder, 'home'),
    XDG_STATE_HOME: path.join(folder, 'state'),
  };
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`trinity-backup ${args.join(' ')} ended with exit code ${String(code)}`);
  return output;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
