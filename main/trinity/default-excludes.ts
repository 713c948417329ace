import type { ExcludeRules } from '../vault/capture/capture.ts';

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

/** What `/data` holds that is not `files`: Trinity's own copies, scratch, logs. The database has patterns of its own. */
export const dataFolderExcludes: readonly DefaultExclude[] = [
  { pattern: '/agent-data-tmp/', reason: 'Scratch of exports and imports.' },
  { pattern: '/backups/', reason: "Trinity's own copies of the database, on the same disk." },
  { pattern: '/logs/', reason: 'Logs of the platform.' },
];

/** The database and its sidecars at a path relative to `/data`: copied as `persistence`, never file by file. */
export function databaseExcludes(databasePath: string): readonly DefaultExclude[] {
  const reason = 'The database is copied as persistence.';
  const escaped = databasePath.replaceAll(/[\\*?[]/gu, String.raw`\$&`);
  return ['', '-journal', '-wal', '-shm'].map((suffix) => ({ pattern: `/${escaped}${suffix}`, reason }));
}

export function patternsOf(excludes: readonly DefaultExclude[]): ExcludeRules {
  return excludes.map(({ pattern }) => pattern);
}
