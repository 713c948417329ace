import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { CommandLab, passphrase } from '../../helpers/command-lab.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { sharedEngine } from '../../services/docker/test-engine.ts';
import { startMiniature } from '../../services/miniature/miniature.ts';

const engine = sharedEngine();
const backupShape = z.object({ backupId: z.string(), warnings: z.array(z.unknown()) });
/** What nobody writes to while the test runs. */
const still = ['agent-files', 'avatars', 'deployed-templates'] as const;

describe('files of a Trinity that keeps its data in a volume', () => {
  it('are read by a helper and come back as they are', async () => {
    const miniature = await startMiniature({ engine, flavour: 'dev' });
    onTestFinished(miniature.remove);
    const lab = new CommandLab(await tempFolder());
    writeFileSync(lab.passphraseFile, `${passphrase}\n`, { mode: 0o600 });
    await lab.json(['settings', 'set', 'volumeAccess', 'helper']);
    await lab.json(['install', '--path', miniature.folder, '--docker-host', `unix://${engine.socket}`]);
    await lab.json(['init', '--vault', lab.vault, '--passphrase-file', lab.passphraseFile]);
    const made = backupShape.parse(await lab.json(['backup', '--only', 'files']));
    expect(made.warnings).toStrictEqual([]);
    expect(JSON.stringify(await lab.json(['show', made.backupId]))).toContain('"access":"helper"');
    const target = path.join(await tempFolder(), 'restored');
    await lab.json(['restore', made.backupId, '--only', 'files', '--to', target]);
    for (const folder of still) {
      const restored = contentOf(path.join(target, 'files', folder));
      expect(Object.keys(restored).length).toBeGreaterThan(1);
      expect(restored).toStrictEqual(contentOf(path.join(miniature.dataFolder, folder)));
    }
  });
});

/** Without modes and owners: what `--to` writes is for its user alone. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(snapshotTree(folder)).map(([name, text]) => [
      name,
      text.replace(/ [0-7]+ \d+:\d+ /u, ' '),
    ]),
  );
}
