import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Manifest } from '../../shared/model/manifest.ts';
import { openStorage } from '../../main/storage/open-storage.ts';
import { sealObject } from '../../main/vault/format/sealed-object.ts';
import { openVault } from '../../main/vault/open-vault.ts';
import { writeFlatFolder, writeSmallFiles } from './data.ts';
import { type BenchInstall, makeInstall } from './install.ts';
import { type LoopDelay, type Ours, ours } from './peers.ts';
import type { Bench, Row } from './rows.ts';
import { type Call, callsBy, whileServing } from './serve.ts';

const backups = 10_000;
const agents = 12;
/** What a click may wait for: p99 says nothing of one long hold. */
const mostHeldMs = 100;
const hourMs = 3_600_000;
const volume = 'agent-bench-workspace';

type Prepared = Readonly<{ name: string; install: BenchInstall; tool: Ours; backupId: string }>;

/** How the application holds up while ten thousand backups and `bench.files` files are looked through. */
export async function browseRows(bench: Bench): Promise<readonly Row[]> {
  return [...(await historyRows(bench)), ...(await treeRows(bench)), ...(await folderRows(bench))];
}

type Look = (call: Call) => Promise<readonly number[]>;
type Part = Readonly<{ what: string; answeredMs: number; look: Look }>;

async function rowsOf(bench: Bench, prepared: Prepared, looks: readonly Part[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { what, answeredMs, look } of looks)
    rows.push(rowOf(what, answeredMs, await stage(bench, prepared, look)));
  await removeAll(bench.work, prepared.name);
  return rows;
}

async function historyRows(bench: Bench): Promise<readonly Row[]> {
  const many = await prepare(bench, 'many-backups', async (data) => await writeSmallFiles(data, 1000, 512));
  await addBackups(bench.work, many);
  return await rowsOf(bench, many, [
    { what: `the history of ${backups} backups`, answeredMs: 1000, look: lookThroughHistory },
    { what: `the step When over ${backups} backups`, answeredMs: 1000, look: lookThroughBackups },
  ]);
}

async function treeRows(bench: Bench): Promise<readonly Row[]> {
  const large = await prepare(
    bench,
    'many-files',
    async (data) => await writeSmallFiles(data, bench.files, 512),
  );
  const { backupId } = large;
  const what = `${bench.files} files:`;
  return await rowsOf(bench, large, [
    {
      what: `${what} the tree of a backup`,
      answeredMs: 1000,
      look: async (call) => await lookThroughTree(call, backupId),
    },
    {
      what: `${what} a search`,
      answeredMs: 5000,
      look: async (call) => await one(call, 'backups.find', { name: 'file-77777.txt' }),
    },
    {
      what: `${what} the plan of a restore`,
      answeredMs: 15_000,
      look: async (call) => await plan(call, backupId),
    },
  ]);
}

/** One folder that holds everything; before the second backup it is renamed, so that all of it differs. */
async function folderRows(bench: Bench): Promise<readonly Row[]> {
  const flat = await prepare(
    bench,
    'large-folder',
    async (data) => await writeFlatFolder(path.join(data, 'flat'), bench.files),
  );
  const data = path.join(flat.install.data, 'data');
  await rename(path.join(data, 'flat'), path.join(data, 'renamed'));
  await flat.tool.backup();
  const second = await newestBackup(flat.tool);
  const folder = { backupId: flat.backupId, component: 'memory', volume, path: 'data/flat', limit: 256 };
  const at = (share: number) => async (call: Call) => {
    const offset = Math.max(0, Math.floor(bench.files * share) - 256);
    return [
      ...(await one(call, 'backups.files', { ...folder, offset })),
      ...(await one(call, 'backups.files', { ...folder, offset: Math.max(0, offset - 256) })),
    ];
  };
  const what = `a folder of ${bench.files} files:`;
  return await rowsOf(bench, flat, [
    { what: `${what} its start`, answeredMs: 3000, look: at(0) },
    { what: `${what} its middle`, answeredMs: 3000, look: at(0.5) },
    { what: `${what} its end`, answeredMs: 3000, look: at(1) },
    {
      what: `a comparison in which ${2 * bench.files} entries differ`,
      answeredMs: 15_000,
      look: async (call) => await lookThroughComparison(call, flat.backupId, second),
    },
  ]);
}

async function prepare(
  { work, say }: Bench,
  name: string,
  write: (data: string) => Promise<void>,
): Promise<Prepared> {
  const install = await makeInstall(work, name);
  await write(path.join(install.data, 'data'));
  const tool = ours(work, install, name);
  await tool.prepare();
  await tool.command(['settings', 'set', 'enabled', 'false']);
  await tool.backup();
  say(`${name}: made`);
  return { name, install, tool, backupId: await newestBackup(tool) };
}

async function newestBackup(tool: Ours): Promise<string> {
  const [newest] = JSON.parse((await tool.command(['list'])).stdout) as readonly { backupId: string }[];
  if (newest === undefined) throw new Error('no backup is listed');
  return newest.backupId;
}

/** Manifests as they are, one an hour back in time, each of a dozen agents. */
async function addBackups(work: string, { name, backupId }: Prepared): Promise<void> {
  const folder = path.join(work, `${name}-vault`);
  const storage = await openStorage({ kind: 'folder', path: folder }, { reserveBytes: 0 });
  const secret = { kind: 'passphrase', passphrase: 'bench bench bench' } as const;
  await using vault = await openVault({ storage, hostLockFolder: path.join(work, 'locks'), secret });
  const { manifest } = await vault.loadManifest(backupId);
  for (let index = 1; index < backups; index += 1) {
    const other = olderBackup(manifest, index);
    const sealed = sealObject(
      { keys: vault.objectKeys, type: 'manifest', objectId: other.backupId },
      Buffer.from(JSON.stringify(other)),
    );
    await writeFile(path.join(folder, 'backups', other.backupId), sealed);
  }
}

function olderBackup(manifest: Manifest, index: number): Manifest {
  const timestamp = new Date(Date.parse(manifest.timestamp) - index * hourMs).toISOString();
  const sources = manifest.sources.flatMap((source) =>
    source.component === 'memory'
      ? Array.from({ length: agents }, (_, agent) => ({
          ...source,
          volume: `agent-bench${agent}-workspace`,
          agents: [`bench${agent}`],
        }))
      : [source],
  );
  return { ...manifest, backupId: index.toString(16).padStart(12, '0'), timestamp, sources };
}

type Looked = Readonly<{ times: readonly number[]; loop: LoopDelay }>;

async function stage({ work, say }: Bench, { name, tool }: Prepared, look: Look): Promise<Looked> {
  const { loop, result } = await whileServing({ work, name, tool }, async ({ link, onBorder }) => {
    const call = await callsBy(link);
    onBorder();
    // Also what is read first of all counts.
    await call('status.get', {});
    const times = await look(call);
    onBorder();
    await delay(200);
    return times;
  });
  say(`${name}: ${result.map((ms) => ms.toFixed(0)).join(' ')} ms, loop ${JSON.stringify(loop)}`);
  return { times: result, loop };
}

async function one(call: Call, name: string, input: unknown): Promise<readonly number[]> {
  return [(await call(name, input)).ms];
}

/** As whoever drags the bar from the top to the end, then filters. */
async function lookThroughHistory(call: Call): Promise<readonly number[]> {
  const times: number[] = [];
  const ask = async (offset: number, filter: object): Promise<void> => {
    times.push((await call('history.timeline', { offset, limit: 100, filter })).ms);
  };
  for (const offset of [0, 100, 5000, backups - 100]) await ask(offset, { trash: false });
  await ask(0, { trash: false, agent: 'bench7' });
  await ask(0, { trash: false });
  times.push((await call('history.coverage', { days: 30 })).ms);
  return times;
}

/** All of them page by page, as the wizard and the comparison read them. */
async function lookThroughBackups(call: Call): Promise<readonly number[]> {
  const times: number[] = [];
  let cursor: string | null = null;
  do {
    const page = await call('backups.list', {
      limit: 1000,
      agent: 'bench7',
      ...(cursor === null ? {} : { cursor }),
    });
    times.push(page.ms);
    cursor = (page.value as { next: string | null }).next;
  } while (cursor !== null);
  return times;
}

/** As whoever looks at it from the top to the end, then for a name. */
async function lookThroughComparison(
  call: Call,
  firstId: string,
  secondId: string,
): Promise<readonly number[]> {
  const pair = { firstId, secondId, limit: 100 };
  return [
    ...(await one(call, 'backups.compare', pair)),
    ...(await one(call, 'backups.compare', { ...pair, offset: 50_000 })),
    ...(await one(call, 'backups.compare', { ...pair, text: 'file-0007777' })),
  ];
}

async function lookThroughTree(call: Call, backupId: string): Promise<readonly number[]> {
  const times: number[] = [];
  const folders = ['', 'data', 'data/small', 'data/4000', 'data/77'];
  for (const folder of folders) {
    const input = { backupId, component: 'memory', volume, path: folder };
    try {
      times.push((await call('backups.files', input)).ms);
    } catch {
      // Not every size of the data has each of these folders.
    }
  }
  return times;
}

async function plan(call: Call, backupId: string): Promise<readonly number[]> {
  const began = performance.now();
  const destination = { way: 'in-place' };
  const { value } = await call('restore.plan', {
    backupId,
    only: ['memory'],
    destination,
    safetyBackup: true,
  });
  const { taskId } = value as { taskId: string };
  for (;;) {
    const task = (await call('tasks.get', { taskId })).value as { state: string; error?: unknown };
    if (task.state !== 'running') {
      if (task.error != null) throw new Error(JSON.stringify(task.error));
      return [performance.now() - began];
    }
    await delay(50);
  }
}

function rowOf(what: string, answeredMs: number, { times, loop }: Looked): Row {
  const slowest = Math.max(...times);
  return {
    what: `browsing, ${what}`,
    goal: `event loop held at most ${mostHeldMs} ms, answered within ${answeredMs} ms`,
    measured: `${loop.mostMs.toFixed(0)} ms, ${slowest.toFixed(0)} ms`,
    met: loop.mostMs <= mostHeldMs && slowest <= answeredMs,
    detail: `p99 ${loop.p99Ms.toFixed(1)} ms; answered in ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`,
  };
}

async function removeAll(work: string, name: string): Promise<void> {
  for (const each of [name, `${name}-vault`, `${name}-home`]) {
    await rm(path.join(work, each), { recursive: true, force: true });
  }
}
