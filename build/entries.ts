import { existsSync, globSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../shared/lib/app-error.ts';
import { lateFileOf, latePackages } from './late-imports.ts';

/** One file of the build: `<name>.js`, made from `source` (absolute, or the name of a package). */
export type BuildEntry = Readonly<{ name: string; source: string }>;

export const projectFolder = resolve(import.meta.dirname, '..');

export const commandEntry: BuildEntry = {
  name: 'trinity-backup',
  source: join(projectFolder, 'main/headless/bin.ts'),
};

/** The desktop application, started by Electron. */
export const desktopEntry: BuildEntry = {
  name: 'desktop',
  source: join(projectFolder, 'main/desktop/entry.ts'),
};

/** What runs beside its pages. */
export const preloadEntry: BuildEntry = {
  name: 'preload',
  source: join(projectFolder, 'main/preload/preload.ts'),
};

/** What only the enterprise edition has, a file of its own: where its source is left out, the others are built all the same. */
export function findEditionEntries(): readonly BuildEntry[] {
  const source = join(projectFolder, 'main/backup/enterprise.ts');
  return existsSync(source) ? [{ name: 'enterprise', source }] : [];
}

/** All that an installed product consists of. */
export function findProductEntries(): readonly BuildEntry[] {
  const packages = latePackages.map((source) => ({ name: lateFileOf(source), source }));
  return [commandEntry, ...findEditionEntries(), ...findThreadEntries('main'), ...packages];
}

/** Every file below `folder` that starts a worker thread or a child process, or is loaded late. Names must be unique: they share one folder. */
export function findThreadEntries(folder: string): readonly BuildEntry[] {
  const sources = globSync('**/*.{thread,child,late}.ts', { cwd: join(projectFolder, folder) }).toSorted();
  const entries = sources.map((source) => ({
    name: basename(source, '.ts'),
    source: join(projectFolder, folder, source),
  }));
  const twice = entries.find(
    (entry, index) => entries.findIndex(({ name }) => name === entry.name) !== index,
  );
  if (twice) throw new AppError('refused', `Rename ${twice.source}: another entry has the same file name.`);
  return entries;
}
