import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleEntry } from './bundle.ts';
import { commandEntry, findEditionEntries, findThreadEntries, projectFolder } from './entries.ts';

const distFolder = join(projectFolder, 'dist');

await rm(distFolder, { recursive: true, force: true });
await Promise.all(
  [commandEntry, ...findEditionEntries(), ...findThreadEntries('main')].map((entry) =>
    bundleEntry(entry, distFolder),
  ),
);
await chmod(join(distFolder, `${commandEntry.name}.js`), 0o755);
