import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { restoreBackup } from '../../../../main/backup/restore/restore-service.ts';
import { parseEnv } from '../../../../main/trinity/env-file.ts';
import { backedUp, inPlace } from '../../../helpers/tiny-backup.ts';
import { quietly, tinyInstall, tinyKey } from '../../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../../helpers/tiny-install.ts';

const otherKey = 'cd'.repeat(32);

async function changeKey({ folder }: TinyInstall): Promise<void> {
  await writeFile(path.join(folder, '.env'), `CREDENTIAL_ENCRYPTION_KEY=${otherKey}\nFRONTEND_PORT=9000\n`, {
    mode: 0o600,
  });
}

async function envOf({ folder }: TinyInstall): Promise<ReadonlyMap<string, string>> {
  return parseEnv(await readFile(path.join(folder, '.env')));
}

describe('the key rule', () => {
  it('puts the old key beside the live one, when a database comes back without its .env', async () => {
    const { tiny, backupId } = await backedUp();
    await changeKey(tiny);
    const { notes, safetyBackupId } = await restoreBackup(
      tiny.context,
      inPlace(backupId, { only: ['persistence'] }),
      quietly,
    );
    expect(notes.map(({ code }) => code)).toContain('secondary-key-added');
    const env = await envOf(tiny);
    expect(env.get('CREDENTIAL_ENCRYPTION_KEY')).toBe(otherKey);
    expect(env.get('CREDENTIAL_ENCRYPTION_KEY_SECONDARY')).toBe(tinyKey);
    expect(env.get('FRONTEND_PORT')).toBe('9000');
    expect((await stat(path.join(tiny.folder, '.env'))).mode & 0o777).toBe(0o600);
    const { manifest } = await tiny.vault.loadManifest(safetyBackupId ?? '');
    expect(manifest.sources.map(({ component }) => component)).toEqual(['persistence', 'config']);
  });

  it('warns that credentials are lost, when the backup does not hold the old key', async () => {
    const tiny = await tinyInstall();
    const { backupId } = await createBackup(
      tiny.context,
      { trigger: 'manual', only: ['persistence'] },
      quietly,
    );
    await changeKey(tiny);
    const { warnings } = await restoreBackup(tiny.context, inPlace(backupId), quietly);
    expect(warnings).toMatchObject([{ code: 'credentials-lost' }]);
  });

  it('brings the keys back and leaves what belongs to the host, when .env comes too', async () => {
    const { tiny, backupId } = await backedUp();
    await changeKey(tiny);
    const { notes } = await restoreBackup(tiny.context, inPlace(backupId), quietly);
    expect(notes.map(({ code }) => code)).toContain('env-kept');
    const env = await envOf(tiny);
    expect([...env]).toEqual([
      ['CREDENTIAL_ENCRYPTION_KEY', tinyKey],
      ['SECRET_KEY', 'one'],
      ['FRONTEND_PORT', '9000'],
    ]);
  });
});

describe('the key rule, for .env alone', () => {
  it('keeps the live key as the secondary one, since the live database needs it', async () => {
    const { tiny, backupId } = await backedUp();
    await changeKey(tiny);
    await restoreBackup(tiny.context, inPlace(backupId, { only: ['config'] }), quietly);
    const env = await envOf(tiny);
    expect(env.get('CREDENTIAL_ENCRYPTION_KEY')).toBe(tinyKey);
    expect(env.get('CREDENTIAL_ENCRYPTION_KEY_SECONDARY')).toBe(otherKey);
  });
});
