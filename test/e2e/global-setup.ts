import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { bundleEntry, bundlePreload } from '../../build/bundle.ts';
import {
  desktopEntry,
  findProductEntries,
  findThreadEntries,
  preloadEntry,
  projectFolder,
} from '../../build/entries.ts';
import { rendererConfig } from '../../build/renderer.ts';
import { launcherText, originalFsText, standInLauncher } from './stand-in/launcher.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built product, with the stand-in for Electron beside it. */
    productFolder: string;
  }
}

const standIn = path.join(projectFolder, 'test/e2e/stand-in');

/** Builds the product once for a run of the e2e tier, as `npm run build` does. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Below node_modules, so that the bundles find the native packages.
  const cache = path.join(projectFolder, 'node_modules/.cache/e2e');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'run-'));
  const entries = [
    ...findProductEntries(),
    desktopEntry,
    { name: 'electron-stand-in', source: path.join(standIn, 'electron.ts') },
    { name: 'asar-eyes', source: path.join(standIn, 'asar-eyes.ts') },
    // Of all tiers: those of the docker tier that start a desktop find theirs here, too.
    ...findThreadEntries('test'),
  ];
  for (const entry of entries) await bundleEntry(entry, folder);
  await writeFile(path.join(folder, standInLauncher), launcherText);
  await writeFile(path.join(folder, 'original-fs.cjs'), originalFsText);
  await bundlePreload(preloadEntry, folder);
  await build(rendererConfig(folder));
  // Helpers that look for the built command find this one, unless the tier has built more than the product (test/built-entries.ts).
  process.env['TRINITY_THREAD_ENTRIES'] ??= folder;
  project.provide('productFolder', folder);
  return async () => await rm(folder, { recursive: true, force: true });
}
