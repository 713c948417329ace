import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished, describe, expect, it } from 'vitest';
import { Engine } from '../../../main/app/engine.ts';
import { openHome } from '../../../main/app/home/home.ts';
import { isPut } from '../../fakes/s3/faults.ts';
import { MemoryS3 } from '../../fakes/s3/memory-s3.ts';
import { startS3Server } from '../../fakes/s3/s3-server.ts';
import type { S3Server } from '../../fakes/s3/s3-server.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { runOperation } from '../../../main/app/operations/run-operation.ts';

const options = { signal: new AbortController().signal, onProgress: () => undefined };
const credentials = { accessKeyId: 'AKIDINHOME', secretAccessKey: 'secret-in-home' };

type S3Home = Readonly<{ engine: Engine; server: S3Server; location: string; store: MemoryS3 }>;

async function s3Home(): Promise<S3Home> {
  const store = new MemoryS3();
  const server = await startS3Server(store.backend);
  const engine = new Engine(await openHome(await tempFolder()));
  onTestFinished(async () => await engine[Symbol.asyncDispose]());
  const location = `s3://bucket/trinity?endpoint=${server.endpoint}`;
  await runOperation(engine, 'init', { location, credentials }, options);
  return { engine, server, location, store };
}

describe('a home whose vault is on S3', () => {
  it('opens it with the credentials that it was made with, which stand in no file in plain', async () => {
    const { engine, location } = await s3Home();
    engine.forgetVault();
    expect((await engine.vault()).storage.location).toBe(location);
    const { settings } = await engine.settings.read();
    expect(settings.backup.path).toBe(location);
    await runOperation(engine, 'list', { trashed: false }, options);
    const files = await readdir(engine.home.folder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const text = await readFile(path.join(file.parentPath, file.name), 'latin1');
      expect([file.name, /AKIDINHOME|secret-in-home/u.test(text)]).toEqual([file.name, false]);
    }
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['settings.json', 'credentials.json']),
    );
  });

  it('lets a changed limit of the line hold at once, for what is on its way', async () => {
    const { engine, server } = await s3Home();
    const setting = ['transfer', 'uploadKilobytesPerSecond'];
    await runOperation(engine, 'settingsSet', { path: setting, value: 16 }, options);
    const { storage } = await engine.vault();
    // Two minutes at this rate.
    const put = storage.put('packs/aa/slow', [randomBytes(2_000_000)]);
    let isDone = false;
    void put.then(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isDone).toBe(false);
    expect(server.requests.some((request) => isPut(request) && request.key?.endsWith('slow'))).toBe(false);
    await runOperation(engine, 'settingsSet', { path: setting, value: null }, options);
    await put;
    expect(server.requests.some((request) => isPut(request) && request.key?.endsWith('slow'))).toBe(true);
  });

  it('goes without a vault that is away, and finds it again', async () => {
    const { engine, server } = await s3Home();
    engine.forgetVault();
    server.plan = () => ({ kind: 'answer', status: 403, code: 'SignatureDoesNotMatch' });
    await expect(engine.vault()).rejects.toMatchObject({ kind: 'failed' });
    server.plan = () => undefined;
    await expect(engine.vault()).resolves.toBeDefined();
  });

  it('makes no vault there in an edition that writes to no bucket, and still reads', async () => {
    const { engine, server } = await s3Home();
    const { EntitlementService } = await import('../../../main/backup/entitlements/entitlement-service.ts');
    const other = new Engine(engine.home, { entitlements: new EntitlementService({ isOssOnly: true }) });
    onTestFinished(async () => await other[Symbol.asyncDispose]());
    const location = `s3://bucket/elsewhere?endpoint=${server.endpoint}`;
    await expect(runOperation(other, 'init', { location, credentials }, options)).rejects.toMatchObject({
      kind: 'not-entitled',
    });
    expect(await runOperation(other, 'list', { trashed: false }, options)).toBeDefined();
  });

  it('tests the place of its vault without a location, and another before there is one', async () => {
    const { engine, server, store } = await s3Home();
    expect(await runOperation(engine, 'storageTest', {}, options)).toMatchObject({ ok: true });
    const elsewhere = `s3://bucket/elsewhere?endpoint=${server.endpoint}`;
    expect(
      await runOperation(engine, 'storageTest', { location: elsewhere, credentials }, options),
    ).toMatchObject({
      ok: true,
      location: elsewhere,
    });
    expect(store.keys().filter((key) => key.includes('/tmp/') || key.startsWith('elsewhere'))).toEqual([]);
    const folder = await tempFolder();
    expect(await runOperation(engine, 'storageTest', { location: folder }, options)).toMatchObject({
      ok: true,
    });
    expect(await runOperation(engine, 'storageTest', { location: `${folder}/none` }, options)).toMatchObject({
      ok: false,
    });
  });
});
