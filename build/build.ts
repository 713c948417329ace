import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { bundleEntry, bundlePreload } from './bundle.ts';
import { commandEntry, desktopEntry, findProductEntries, preloadEntry, projectFolder } from './entries.ts';
import { writeIcons } from './icons/write-icons.ts';
import { rendererConfig } from './renderer.ts';

const distFolder = join(projectFolder, 'dist');

await rm(distFolder, { recursive: true, force: true });
await Promise.all([
  ...[...findProductEntries(), desktopEntry].map((entry) => bundleEntry(entry, distFolder)),
  bundlePreload(preloadEntry, distFolder),
]);
await build(rendererConfig(distFolder));
await writeIcons(distFolder);
await chmod(join(distFolder, `${commandEntry.name}.js`), 0o755);
