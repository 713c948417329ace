import { randomBytes } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { addSlot, rotateMasterKey } from '../../../main/vault/keys/vault-keys.ts';
import { FormatReader } from '../../helpers/format-reader.ts';
import type { ReadFile } from '../../helpers/format-reader.ts';
import { echoVolume } from '../../helpers/tiny-backup.ts';
import { quietly, tinyInstall, volumeData } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';

const passphrase = 'caf\u0065\u0301 au lait';

/** Files of every form: cut by content, small, sparse, by page and changed since, of two generations of keys. */
async function twoBackups(): Promise<Readonly<{ tiny: TinyInstall; backupId: string }>> {
  const tiny = await tinyInstall();
  const data = volumeData(tiny, echoVolume);
  writeFileSync(path.join(data, 'large.bin'), randomBytes(5_000_000));
  writeFileSync(path.join(data, 'sparse.bin'), 'begin');
  truncateSync(path.join(data, 'sparse.bin'), 6_000_000);
  const database = new Database(path.join(data, 'agent.db'));
  database.exec('CREATE TABLE word (said TEXT)');
  const insert = database.prepare('INSERT INTO word VALUES (?)');
  for (let row = 0; row < 200; row += 1) insert.run(randomBytes(700).toString('hex'));
  await createBackup(tiny.context, { trigger: 'manual' }, quietly);
  for (let row = 0; row < 20; row += 1) insert.run('later');
  database.close();
  const { storage } = tiny.vault;
  const secret = { kind: 'passphrase', passphrase } as const;
  const options = { now: Date.now(), scryptN: 32_768 } as const;
  const { keys } = await addSlot(storage, tiny.vault.vaultKeys, secret, options);
  tiny.vault.useKeys(await rotateMasterKey(storage, keys, options));
  writeFileSync(path.join(data, 'new.md'), 'of the second generation');
  const { backupId } = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
  return { tiny, backupId };
}

describe('docs/vault-format.md', () => {
  it('is enough for a reader, with the recovery key and with the passphrase, to read every file of every source', async () => {
    const { tiny, backupId } = await twoBackups();
    const folder = path.join(tiny.base, 'out');
    await restoreBackup(
      tiny.context,
      { backupId, destination: { way: 'to', folder }, safetyBackup: false },
      quietly,
    );
    const secrets = [
      { kind: 'recovery', text: tiny.recoveryKey },
      { kind: 'passphrase', text: passphrase },
    ] as const;
    for (const secret of secrets) {
      const reader = new FormatReader(tiny.vaultFolder, secret);
      const { sources } = reader.manifest(backupId);
      expect(sources.length).toBeGreaterThan(5);
      for (const source of sources) {
        const place = path.join(folder, source.component, source.volume);
        const files = reader.files(source).filter(({ kind }) => kind === 'file');
        expect(files.length).toBeGreaterThan(0);
        expect(files.filter((file) => !isWritten(place, file)).map((file) => file.path)).toEqual([]);
      }
    }
  });
});

function isWritten(place: string, { path: name, content }: ReadFile): boolean {
  const file = Buffer.concat([Buffer.from(`${place}/`), Buffer.from(name, 'latin1')]);
  return readFileSync(file).equals(content);
}
