import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** How Electron marks the place of its fuses in its executable. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** Of Electron 45; as it comes, some are on that must not be. */
const fusesAsReleased = '101100011';

/** A folder that electron-builder takes for an unpacked Electron: an executable with fuses, and no code. */
export async function writeElectronStandIn(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'locales'), { recursive: true });
  const wire = Buffer.concat([
    Buffer.from(sentinel),
    Buffer.from([1, fusesAsReleased.length]),
    Buffer.from(fusesAsReleased),
  ]);
  await writeFile(path.join(folder, 'electron'), wire, { mode: 0o755 });
  for (const locale of ['de', 'en-US']) await writeFile(path.join(folder, `locales/${locale}.pak`), '');
}
