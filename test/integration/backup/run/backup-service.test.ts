import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackup } from '../../../../main/backup/run/backup-service.ts';
import { sweepScratch } from '../../../../main/backup/scratch.ts';
import type { ServiceContext } from '../../../../main/backup/services.ts';
import type { Vault, VaultWriter } from '../../../../main/vault/vault.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { backedUp, echoVolume, listedPaths } from '../../../helpers/tiny-backup.ts';
import { quietly, tinyInstall, volumeData } from '../../../helpers/tiny-install.ts';

describe('createBackup', () => {
  it('records what a restore and a person need, and leaves no plaintext behind', async () => {
    const { tiny, backupId } = await backedUp();
    const { manifest } = await tiny.vault.loadManifest(backupId);
    expect(manifest.install).toMatchObject({
      trinityVersion: '0.9.5',
      lastMigration: '0002_second',
      credentialKey: expect.any(String),
    });
    expect(manifest.sources.map(({ component, volume, agents }) => ({ component, volume, agents }))).toEqual([
      { component: 'persistence', volume: '', agents: [] },
      { component: 'config', volume: '', agents: [] },
      { component: 'files', volume: '', agents: [] },
      { component: 'memory', volume: echoVolume, agents: ['echo'] },
      { component: 'memory', volume: 'agent-research-public', agents: ['research'] },
      { component: 'memory', volume: 'agent-scout-workspace', agents: ['research'] },
    ]);
    expect(await readdir(path.join(tiny.home, 'scratch'))).toEqual([]);
  });

  it('leaves out the database, its old copies, logs, scratch and caches, and says so', async () => {
    const { tiny, backupId } = await backedUp();
    expect((await listedPaths(tiny, backupId, 'files')).toSorted()).toEqual([
      '',
      'agent-files',
      'agent-files/0b5d',
      'avatars',
      'avatars/echo.webp',
      'backups',
      'backups/trinity-backup-20260928.db',
    ]);
    const { manifest } = await tiny.vault.loadManifest(backupId);
    expect(manifest.notes).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'excluded', volume: echoVolume })]),
    );
  });

  it('reads no unchanged file again and adds next to nothing, the second time', async () => {
    const { tiny } = await backedUp();
    for (const name of await readdir(tiny.volumes)) await makeOld(volumeData(tiny, name));
    const first = await createBackup(tiny.context, { trigger: 'manual', only: ['memory'] }, quietly);
    const times = await accessTimes(volumeData(tiny, echoVolume));
    const second = await createBackup(tiny.context, { trigger: 'manual', only: ['memory'] }, quietly);
    expect(await accessTimes(volumeData(tiny, echoVolume))).toEqual(times);
    expect(second.files).toBe(first.files);
    expect(second.bytesStored).toBeLessThan(20_000);
  });

  it('is incomplete, when a source fails, and that source counts for nothing', async () => {
    const tiny = await tinyInstall({ settings: { paths: ['/nowhere/at/all'] } });
    const made = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    expect(made).toMatchObject({
      incomplete: true,
      warnings: [
        {
          code: 'source-failed',
          component: 'paths',
          message: expect.stringMatching(
            /^The folder \S+ could not be copied: The folder \/nowhere\/at\/all .* is not there\. Mount its disk/,
          ),
        },
      ],
    });
    expect(made.components).not.toContain('paths');
    const { manifest } = await tiny.vault.loadManifest(made.backupId);
    expect(manifest.sources.at(-1)).toMatchObject({ component: 'paths', state: 'failed' });
    expect(manifest.sources.at(-1)).not.toHaveProperty('listing');
  });

  it('lists nothing, when everything fails', async () => {
    const tiny = await tinyInstall({ settings: { paths: ['/nowhere/at/all'] } });
    const error = await rejectionOf(
      createBackup(tiny.context, { trigger: 'manual', only: ['paths'] }, quietly),
    );
    expect(error).toMatchObject({ message: expect.stringContaining('/nowhere') });
    expect((await tiny.vault.listManifests()).manifests).toEqual([]);
  });

  it('lists nothing and leaves no plaintext, when it is cancelled', async () => {
    const tiny = await tinyInstall();
    const abort = new AbortController();
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase.startsWith('memory/')) abort.abort();
    };
    const run = createBackup(tiny.context, { trigger: 'manual' }, { signal: abort.signal, onProgress });
    expect(await rejectionOf(run)).toMatchObject({ kind: 'cancelled' });
    expect((await tiny.vault.listManifests()).manifests).toEqual([]);
    expect(await readdir(path.join(tiny.home, 'scratch'))).toEqual([]);
    expect(await createBackup(tiny.context, { trigger: 'manual' }, quietly)).toMatchObject({
      incomplete: false,
    });
  });

  it('refuses a second one at once, while one runs', async () => {
    const tiny = await tinyInstall();
    await using writer = await tiny.vault.openWriter('another');
    expect(writer.generation).toBeGreaterThan(0);
    expect(await rejectionOf(createBackup(tiny.context, { trigger: 'manual' }, quietly))).toMatchObject({
      kind: 'busy',
    });
  });

  it('copies the volumes of one agent, and knows which agents there are', async () => {
    const tiny = await tinyInstall();
    const made = await createBackup(tiny.context, { trigger: 'manual', agents: ['research'] }, quietly);
    const { manifest } = await tiny.vault.loadManifest(made.backupId);
    expect(manifest.sources.map(({ volume }) => volume)).toEqual([
      'agent-research-public',
      'agent-scout-workspace',
    ]);
    const unknown = createBackup(tiny.context, { trigger: 'manual', agents: ['nobody'] }, quietly);
    expect(await rejectionOf(unknown)).toMatchObject({ kind: 'not-found' });
    const useless = createBackup(
      tiny.context,
      { trigger: 'manual', agents: ['echo'], only: ['files'] },
      quietly,
    );
    expect(await rejectionOf(useless)).toMatchObject({ kind: 'usage' });
  });

  it('finds volumes by their names, when the database is damaged, and takes it as it is', async () => {
    const tiny = await tinyInstall();
    await writeFile(tiny.database, 'HTTP/1.1 200 OK\r\n\r\n');
    const made = await createBackup(tiny.context, { trigger: 'manual' }, quietly);
    expect(made.warnings.map(({ code }) => code)).toEqual(['database-damaged', 'agents-unknown']);
    const { manifest } = await tiny.vault.loadManifest(made.backupId);
    const volumes = manifest.sources.filter(({ component }) => component === 'memory');
    expect(volumes.map(({ agents }) => agents)).toEqual([['echo'], ['research'], ['scout']]);
  });

  it('T24: says that a new backup is damaged, when the vault lacks what it names', async () => {
    const tiny = await tinyInstall();
    const context: ServiceContext = { ...tiny.context, vault: forgetful(tiny.vault) };
    const error = await rejectionOf(createBackup(context, { trigger: 'manual', only: ['config'] }, quietly));
    expect(error).toMatchObject({ kind: 'damaged' });
  });
});

describe('sweepScratch', () => {
  it('removes what a killed run left', async () => {
    const { tiny } = await backedUp();
    const left = path.join(tiny.home, 'scratch/0123456789abcdef');
    await rm(left, { recursive: true, force: true });
    await mkdir(left);
    await writeFile(path.join(left, 'trinity.db'), 'plaintext');
    await sweepScratch(tiny.home);
    expect(await readdir(path.join(tiny.home, 'scratch'))).toEqual([]);
  });
});

/** Files that are not racy: long unchanged. */
async function makeOld(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.includes('\uFFFD'))
      await utimes(path.join(entry.parentPath, entry.name), 1000, 1000);
  }
}

async function accessTimes(folder: string): Promise<readonly number[]> {
  const names = ['CLAUDE.md', 'content/big.bin', '.ssh/id'];
  await readFile(path.join(folder, 'CLAUDE.md'));
  return await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).atimeMs));
}

/** A vault that no longer knows any chunk once the backup is committed. */
function forgetful(vault: Vault): Vault {
  const openWriter: Vault['openWriter'] = async (purpose, options) =>
    forgetfulWriter(await vault.openWriter(purpose, options));
  return new Proxy(vault, {
    get: (target, name) => (name === 'openWriter' ? openWriter : bound(target, name)),
  });
}

function forgetfulWriter(writer: VaultWriter): VaultWriter {
  let isCommitted = false;
  const chunks = new Proxy(writer.chunks, {
    get: (target, name) =>
      name === 'knows' && isCommitted
        ? (ids: Uint8Array) => new Uint8Array(ids.length / 32)
        : bound(target, name),
  });
  const commit: VaultWriter['commit'] = async (manifest) => {
    await writer.commit(manifest);
    isCommitted = true;
  };
  return new Proxy(writer, {
    get: (target, name) => (name === 'chunks' ? chunks : name === 'commit' ? commit : bound(target, name)),
  });
}

/** Private fields need their own object as `this`. */
function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}
