import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { createFolderStorage } from '../../../main/storage/folder-storage.ts';
import { writeSampleInstall } from '../../../main/trinity/sample/write-sample.ts';
import { newRecoveryKey } from '../../../main/vault/keys/recovery-key.ts';
import { createVault } from '../../../main/vault/open-vault.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { inPlace } from '../../helpers/tiny-backup.ts';
import { contextOf } from '../../helpers/tiny-context.ts';
import { quietly, rowsOf } from '../../helpers/tiny-install.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';

/** What a whole restore may not bring back: rebuildable content, sockets and pipes, the bytes of the database. */
const rebuilt =
  /(?:^|\/)(?:\.cache|\.npm|\.tmp|__pycache__|\.trinity-clone-tmp)(?:\/|$)|tmp_pack_|\.lock$|gc\.pid$|\.claude\/(?:statsig|debug|shell-snapshots|todos|sessions)/u;
/** The folder of a volume has the time of what this test did to it. */
const volumeFolder = /^agent-[^/]+$/u;
const platform = /(?:^|[/_])trinity-data\/(?:_data\/)?(?:trinity\.db|logs|agent-data-tmp|backups)/u;

function treeOf(folder: string, leaveOut: readonly RegExp[]): Readonly<Record<string, string>> {
  const tree = snapshotTree(folder, (name) => leaveOut.some((pattern) => pattern.test(name)));
  const isCompared = ([name, text]: [string, string]): boolean =>
    !volumeFolder.test(name) && !text.startsWith('special');
  return Object.fromEntries(Object.entries(tree).filter(isCompared));
}

describe('the sample install', () => {
  it.each(['bind', 'volume'] as const)(
    'is backed up, destroyed, restored and the same, with /data in a %s',
    async (flavour) => {
      const base = await tempFolder();
      const { installFolder, volumesRoot } = await writeSampleInstall(path.join(base, 'sample'), {
        size: 'small',
        seed: 'round trip',
        flavour,
      });
      const home = path.join(base, 'home');
      await mkdir(home, { mode: 0o700 });
      await using vault = await createVault({
        storage: await createFolderStorage(path.join(base, 'vault')),
        hostLockFolder: path.join(home, 'locks'),
        secrets: [{ kind: 'recovery', recoveryKey: newRecoveryKey() }],
        now: Date.now(),
        freeSpace: { shareOfTotal: 0, bytes: 0 },
      });
      const context = contextOf({ folder: installFolder, volumes: volumesRoot, home, vault });
      const { databaseFile = '' } = await context.readInstall();
      const before = {
        volumes: treeOf(volumesRoot, [rebuilt, platform]),
        trinity: treeOf(installFolder, [platform]),
        rows: rowsOf(databaseFile),
      };
      const made = await createBackup(context, { trigger: 'manual' }, quietly);
      expect(made).toMatchObject({ incomplete: false });
      await rm(path.join(volumesRoot, 'agent-echo-workspace/_data'), { recursive: true });
      await rm(path.join(volumesRoot, 'agent-scout-workspace/_data/content'), {
        recursive: true,
        force: true,
      });
      await writeFile(databaseFile, 'HTTP/1.1 200 OK');
      await rm(path.join(path.dirname(databaseFile), 'agent-files'), { recursive: true });
      const restored = await restoreBackup(context, inPlace(made.backupId), quietly);
      expect(restored.warnings).toEqual([]);
      expect(Object.keys(before.volumes).length).toBeGreaterThan(100);
      expect(rowsOf(databaseFile)).toEqual(before.rows);
      expect(treeOf(installFolder, [platform])).toEqual(before.trinity);
      expect(treeOf(volumesRoot, [rebuilt, platform])).toEqual(before.volumes);
    },
  );
});
