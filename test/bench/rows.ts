import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeDatabase, type RowBytes, workForADay, writeMixedData, writeSmallFiles } from './data.ts';
import { liveThroughChurn } from './churn.ts';
import { addAgent, type BenchInstall, makeInstall } from './install.ts';
import { borg, ours, restic, tarZstd, type Tool } from './peers.ts';
import { median, run } from './run.ts';

/** One line of the table. */
export type Row = Readonly<{
  what: string;
  goal: string;
  measured: string;
  met: boolean | undefined;
  detail: string;
}>;

export type Bench = Readonly<{ work: string; files: number; days: number; say: (text: string) => void }>;

const repeats = 4;

/** First, second, restore and size, each tool on the same data one after the other, in several rounds. */
export async function speedRows(bench: Bench): Promise<readonly Row[]> {
  const install = await makeInstall(bench.work, 'mixed');
  await writeMixedData(path.join(install.data, 'data'));
  const times = new Map<string, number[]>();
  const note = (tool: string, what: string, seconds: number): void => {
    const list = times.get(`${tool} ${what}`) ?? [];
    times.set(`${tool} ${what}`, [...list, seconds]);
    bench.say(`${tool}, ${what}: ${seconds.toFixed(2)} s`);
  };
  const stored = new Map<string, number>();
  for (let round = 0; round < repeats; round += 1) {
    const work = path.join(bench.work, `round-${round}`);
    await mkdir(work, { recursive: true });
    const tools = inTurn(round, [
      ours(work, install),
      restic(work, install.data),
      borg(work, install.data),
      tarZstd(work, install.data),
    ]);
    for (const tool of tools) {
      await tool.prepare();
      await settle();
      note(tool.name, 'first', (await tool.backup()).seconds);
      stored.set(tool.name, await tool.storedBytes());
    }
    for (const tool of tools.filter((one) => one.restore !== undefined)) {
      await settle();
      note(tool.name, 'second', (await tool.backup()).seconds);
    }
    for (const tool of tools) {
      await settle();
      // Removed at the very end: ext4 makes new files slowly for minutes after many were removed, and one tool would pay for another.
      const target = path.join(bench.work, `restored-${round}-${tool.name}`);
      const restored = await tool.restore?.(target);
      if (restored !== undefined) note(tool.name, 'restore', restored.seconds);
    }
    await rm(work, { recursive: true, force: true });
  }
  const loop = await eventLoopRow(bench, install);
  await rm(path.join(bench.work, 'mixed'), { recursive: true, force: true });
  const middle = (tool: string, what: string): number => median(times.get(`${tool} ${what}`) ?? []);
  const speed = (what: string, title: string, goal: number): Row => {
    // Tools of one round ran in the same minute, so ratios are taken there and the middle one counts.
    const ratio = median(
      (times.get(`restic ${what}`) ?? []).map(
        (seconds, round) => seconds / (times.get(`Trinity Backup ${what}`)?.[round] ?? Number.NaN),
      ),
    );
    const others = ['Trinity Backup', 'restic', 'borg', 'tar and zstd -1']
      .filter((tool) => times.has(`${tool} ${what}`))
      .map((tool) => `${tool} ${middle(tool, what).toFixed(2)} s`);
    return row(title, `${goal} × restic's speed`, `${ratio.toFixed(2)} ×`, {
      met: ratio >= goal,
      detail: others.join(', '),
    });
  };
  const sizeRatio = (stored.get('Trinity Backup') ?? Number.NaN) / (stored.get('restic') ?? Number.NaN);
  return [
    speed('first', 'first backup', 1.5),
    speed('second', 'second, nothing changed', 2.5),
    speed('restore', 'restore', 1.5),
    row('vault size', `at most 0.97 × restic's`, `${sizeRatio.toFixed(3)} ×`, {
      met: sizeRatio <= 0.97,
      detail: [...stored].map(([tool, bytes]) => `${tool} ${megabytes(bytes)}`).join(', '),
    }),
    loop,
  ];
}

/** Whoever comes after another finds the machine as that one left it: each round begins with another tool. */
function inTurn(round: number, tools: readonly Tool[]): readonly Tool[] {
  const first = round % tools.length;
  return [...tools.slice(first), ...tools.slice(0, first)];
}

/** What one tool left to be written must not slow down the next: ours has the file system written before it copies. */
async function settle(): Promise<void> {
  await run('sync', []);
}

/** How long the event loop of the command is held up, while the mixed data are backed up for the first and the second time. */
async function eventLoopRow(bench: Bench, install: BenchInstall): Promise<Row> {
  const tool = ours(bench.work, install, 'loop');
  await tool.prepare();
  const delays = [await tool.loopDelay(), await tool.loopDelay()];
  await removeAll(bench.work, ['loop-vault', 'loop-home']);
  const [first = Number.NaN, second = Number.NaN] = delays.map(({ p99Ms }) => p99Ms);
  const most = delays.map(({ mostMs }) => `${mostMs.toFixed(0)} ms`).join(', ');
  return row('event loop of main while backing up', 'p99 delay at most 50 ms', `${first.toFixed(1)} ms`, {
    met: first <= 50 && second <= 50,
    detail: `second backup ${second.toFixed(1)} ms, start of the command included; longest of each ${most}`,
  });
}

/** What a day of work in a database adds to the vault and to restic's repository. */
export async function sqliteRow(bench: Bench, title: string, rowBytes: RowBytes): Promise<Row> {
  const install = await makeInstall(bench.work, 'sqlite');
  await rm(install.databaseFile);
  makeDatabase(install.databaseFile, 237, rowBytes);
  addAgent(install.databaseFile);
  const tools: readonly Tool[] = [
    ours(bench.work, install, 'sqlite'),
    restic(path.join(bench.work, 'sqlite-peer'), path.dirname(install.databaseFile)),
  ];
  const added: number[] = [];
  for (const tool of tools) {
    await mkdir(path.join(bench.work, 'sqlite-peer'), { recursive: true });
    await tool.prepare();
    await tool.backup();
  }
  const before = await Promise.all(tools.map(async (tool) => await tool.storedBytes()));
  workForADay(install.databaseFile, 1, rowBytes);
  for (const [index, tool] of tools.entries()) {
    await tool.backup();
    added.push((await tool.storedBytes()) - (before[index] ?? 0));
  }
  await removeAll(bench.work, ['sqlite', 'sqlite-vault', 'sqlite-home', 'sqlite-peer']);
  const ratio = (added[0] ?? Number.NaN) / (added[1] ?? Number.NaN);
  return row(title, `at most 1/5 of restic's bytes`, `1/${(1 / ratio).toFixed(1)}`, {
    met: ratio <= 1 / 5,
    detail: `added: Trinity Backup ${megabytes(added[0])}, restic ${megabytes(added[1])}`,
  });
}

/** A year of one percent changed a day. */
export async function churnRow(bench: Bench): Promise<Row> {
  const churn = await liveThroughChurn(bench.work, bench.days);
  const stored = churn.storedBytes / churn.freshBytes;
  const slower = churn.restoreRatio;
  return row(
    `${bench.days} days of 1 % churn`,
    'stored at most 1.5 × referenced, restore at most 1.5 × day 1',
    `${stored.toFixed(2)} ×, ${slower.toFixed(2)} ×`,
    {
      met: stored <= 1.5 && slower <= 1.5,
      detail: `the newest backup alone is kept: stored ${megabytes(churn.storedBytes)}; the same state in a new vault, which stands for day 1, ${megabytes(churn.freshBytes)}`,
    },
  );
}

/** Memory, and cost per file, from 10,000 files to `bench.files`. */
export async function manyFilesRows(bench: Bench): Promise<readonly Row[]> {
  const counts = [10_000, 100_000, bench.files];
  const peaks: number[][] = [];
  const perFile: number[] = [];
  for (const count of counts) {
    const install = await makeInstall(bench.work, `files-${count}`);
    await writeSmallFiles(path.join(install.data, 'data'), count, 512);
    // Files of the last two seconds are read again by the next backup; these are to be unchanged.
    await delay(3000);
    const tool = ours(bench.work, install, `files-${count}`);
    await tool.prepare();
    const first = await tool.backup();
    const second = await tool.backup();
    const restored = await tool.restore?.(path.join(bench.work, 'files-restored'));
    await removeAll(bench.work, [
      `files-${count}`,
      `files-${count}-vault`,
      `files-${count}-home`,
      'files-restored',
    ]);
    peaks.push([first.peakMiB, second.peakMiB, restored?.peakMiB ?? Number.NaN]);
    perFile.push((first.seconds / count) * 1e6);
    bench.say(
      `${count} files: first ${first.seconds.toFixed(1)} s, second ${second.seconds.toFixed(1)} s, peaks ${(peaks.at(-1) ?? []).map(Math.round).join(' / ')} MiB`,
    );
  }
  const last = peaks.at(-1) ?? [];
  const highest = Math.max(...last) * 1.048576;
  return [
    row(`memory, ${bench.files} files`, 'peak at most 400 MB', `${Math.round(highest)} MB`, {
      met: highest <= 400,
      detail: counts
        .map(
          (count, index) =>
            `${count} files: first, second, restore ${(peaks[index] ?? []).map(Math.round).join(', ')} MiB`,
        )
        .join('; '),
    }),
    row(
      'cost per file',
      'flat from 10 k to 1 M files',
      perFile.map((cost) => `${Math.round(cost)} µs`).join(', '),
      {
        met: undefined,
        detail: `first backup of ${counts.join(', ')} files of 512 bytes mean`,
      },
    ),
  ];
}

async function removeAll(work: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(path.join(work, name), { recursive: true, force: true });
}

function row(
  what: string,
  goal: string,
  measured: string,
  rest: Readonly<{ met: boolean | undefined; detail: string }>,
): Row {
  return { what, goal, measured, ...rest };
}

function megabytes(bytes: number | undefined): string {
  return `${((bytes ?? Number.NaN) / 1e6).toFixed(1)} MB`;
}
