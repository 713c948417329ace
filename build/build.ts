import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleEntry } from './bundle.ts';
import { commandEntry, findProductEntries, projectFolder } from './entries.ts';

const distFolder = join(projectFolder, 'dist');

await rm(distFolder, { recursive: true, force: true });
await Promise.all(findProductEntries().map((entry) => bundleEntry(entry, distFolder)));
await chmod(join(distFolder, `${commandEntry.name}.js`), 0o755);
