import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from '../../build/entries.ts';
import { version } from '../../main/platform/version.ts';
import { browseRows } from './browse.ts';
import { frozenRows } from './frozen.ts';
import { helperRows } from './helper.ts';
import { idleRow } from './idle.ts';
import { pagesRows } from './pages.ts';
import { postgresRow } from './postgres.ts';
import { type Bench, churnRow, manyFilesRows, type Row, speedRows, sqliteRow } from './rows.ts';
import { run } from './run.ts';

// `npm run bench -- [--work DIR] [--only speed,sqlite,postgres,churn,files,frozen,helper,pages,browse,idle] [--files N] [--days N]`; the
// whole of it alone is written to docs/benchmarks.md.
const { values } = parseArgs({
  options: {
    work: { type: 'string' },
    only: { type: 'string' },
    files: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '365' },
  },
});

const everything = [
  'speed',
  'sqlite',
  'postgres',
  'churn',
  'files',
  'frozen',
  'helper',
  'pages',
  'browse',
  'idle',
];
const work = await mkdtemp(path.join(values.work ?? tmpdir(), 'trinity-bench-'));
const bench: Bench = {
  work,
  files: Number(values.files),
  days: Number(values.days),
  say: (text) => console.error(text),
};
const only = values.only?.split(',') ?? everything;
const rows: Row[] = [];
try {
  if (only.includes('speed')) rows.push(...(await speedRows(bench)));
  if (only.includes('sqlite')) {
    rows.push(await sqliteRow(bench, 'SQLite day, rows of 200–600 bytes', { from: 200, to: 600 }));
    rows.push(await sqliteRow(bench, 'SQLite day, rows of 2–12 kB', { from: 2000, to: 12_000 }));
  }
  if (only.includes('postgres')) {
    rows.push(await postgresRow(bench, 'Postgres day, rows of 200–600 bytes', { from: 200, to: 600 }));
    rows.push(await postgresRow(bench, 'Postgres day, rows of 2–12 kB', { from: 2000, to: 12_000 }));
  }
  if (only.includes('churn')) rows.push(await churnRow(bench));
  if (only.includes('files')) rows.push(...(await manyFilesRows(bench)));
  if (only.includes('frozen')) rows.push(...(await frozenRows(bench)));
  if (only.includes('helper')) rows.push(...(await helperRows(bench)));
  if (only.includes('pages')) rows.push(...(await pagesRows(bench)));
  if (only.includes('browse')) rows.push(...(await browseRows(bench)));
  if (only.includes('idle')) rows.push(await idleRow(bench));
} finally {
  await rm(work, { recursive: true, force: true });
}
const page = await report(rows);
console.log(page);
if (values.only === undefined) await writeFile(path.join(projectFolder, 'docs/benchmarks.md'), page);

async function report(measured: readonly Row[]): Promise<string> {
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const lines = measured.map(
    (row) => `| ${row.what} | ${row.goal} | ${row.measured} | ${metText(row.met)} | ${row.detail} |`,
  );
  return `# Benchmarks

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine}, Node ${process.versions.node}, Trinity Backup ${version},
${await versionOf('restic', ['version'])}, ${await versionOf('borg', ['--version'])}. Every tool ran on the same data in the same run, one after the other, with a warm cache and nothing left to be written;
times and ratios are each the middle of four rounds, of which each began with another tool. Shared machines are noisy: the ratios count, not the seconds.

Data of the first five rows: 20 files of 32 MiB random bytes, 200 of 2 MiB text, 40,000 small text files of 4 KiB mean. Ours backs up the
whole install around them (database, configuration), writes packs with fsync, and opens and compares every compressed chunk before it is written.

| what | goal | measured | met | in detail |
|---|---|---|---|---|
${lines.join('\n')}
`;
}

function metText(met: boolean | undefined): string {
  if (met === undefined) return '–';
  return met ? 'yes' : '**no**';
}

async function versionOf(tool: string, args: readonly string[]): Promise<string> {
  return (await run(tool, args)).stdout.split('\n')[0]?.split(' compiled')[0] ?? tool;
}
