import { relative } from 'node:path';
import type { ExcludeRules } from '../vault/capture/capture.ts';
import type { TrinityInstall } from './install.ts';

export type DefaultExclude = Readonly<{ pattern: string; reason: string }>;

/** What every agent rebuilds by itself in its workspace (`/home/developer`); everything else there is data. */
export const workspaceExcludes: readonly DefaultExclude[] = [
  { pattern: '/.cache/', reason: 'Caches of programs, filled again when they are needed.' },
  { pattern: '/.npm/', reason: 'Downloaded npm packages, fetched again when they are needed.' },
  { pattern: '/.tmp/', reason: "The agent's folder for temporary files." },
  { pattern: '/.trinity-clone-tmp/', reason: 'A clone that was not finished.' },
  { pattern: '/.claude/statsig/', reason: 'Caches of the agent program.' },
  { pattern: '/.claude/debug/', reason: 'Debug output of the agent program.' },
  { pattern: '/.claude/shell-snapshots/', reason: 'Made anew for every session of the agent program.' },
  { pattern: '/.claude/todos/', reason: 'Scratch lists of finished sessions.' },
  {
    pattern: '/.claude/sessions/',
    reason: 'Markers of running sessions; transcripts are in .claude/projects and are kept.',
  },
  { pattern: '__pycache__/', reason: 'Compiled Python, made again from its source.' },
  { pattern: '**/node_modules/.cache/', reason: 'Caches of build tools, filled again when they are needed.' },
  { pattern: '**/.git/objects/pack/tmp_pack_*', reason: 'Leftovers of interrupted git transfers.' },
  { pattern: '**/.git/gc.pid', reason: 'A lock of git, removed by Trinity when the agent starts.' },
  { pattern: '**/.git/**/*.lock', reason: 'Locks of git, removed by Trinity when the agent starts.' },
];

/** What `/data` holds that is not `files`: copied another way, Trinity's own copies, scratch, logs. */
export function dataFolderExcludes(install: TrinityInstall): readonly DefaultExclude[] {
  const always: readonly DefaultExclude[] = [
    { pattern: '/agent-data-tmp/', reason: 'Scratch of exports and imports.' },
    { pattern: '/logs/', reason: 'Logs of the platform.' },
  ];
  // With Postgres the dumps in backups/ are worth having: there is no database file to copy instead.
  if (install.databaseFile === undefined) return always;
  return [
    ...always,
    {
      pattern: '/backups/',
      reason: "Trinity's copies of the database on the same disk; the database itself is backed up.",
    },
    ...databaseExcludes(relative(install.dataFolder, install.databaseFile)),
  ];
}

/** The database and its sidecars at a path relative to `/data`: they are copied as `persistence`, never file by file. */
function databaseExcludes(path: string): readonly DefaultExclude[] {
  // A linked database lies elsewhere; the link itself is called as Trinity calls it.
  const named = path.startsWith('..') ? 'trinity.db' : path;
  const escaped = named.replaceAll(/[\\*?[]/gu, String.raw`\$&`);
  const reason = 'The database is copied as persistence.';
  return ['', '-journal', '-wal', '-shm'].map((suffix) => ({ pattern: `/${escaped}${suffix}`, reason }));
}

export function patternsOf(excludes: readonly DefaultExclude[]): ExcludeRules {
  return excludes.map(({ pattern }) => pattern);
}
