import { execFileSync } from 'node:child_process';
import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openS3Storage } from '../../../../main/storage/s3/open-s3-storage.ts';
import { parseS3Place } from '../../../../main/storage/s3/s3-place.ts';
import { MemoryS3 } from '../../../fakes/s3/memory-s3.ts';
import { startS3Server } from '../../../fakes/s3/s3-server.ts';
import { quickS3 } from '../../../helpers/s3-storage.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { findProgram } from '../../../services/docker/programs.ts';

const vault = { body: Buffer.from('header'), modified: new Date() };

function storeWithVault(): MemoryS3 {
  const store = new MemoryS3();
  store.objects.set('trinity/vault.json', vault);
  store.catchUp();
  return store;
}

describe.skipIf(findProgram('openssl') === undefined)('a service with a certificate of its own', () => {
  it('is trusted with the authority that the location names, and not without', async () => {
    const folder = await tempFolder();
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', ...curve, ...subject, ...files], {
      stdio: 'ignore',
    });
    const identity = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    const server = await startS3Server(storeWithVault().backend, identity);
    const location = `s3://bucket/trinity?endpoint=${server.endpoint}`;
    await expect(openS3Storage(parseS3Place(location), quickS3)).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('ca='),
    });
    expect(server.requests).toEqual([]);
    const trusted = await openS3Storage(parseS3Place(`${location}&ca=${cert}`), quickS3);
    await trusted.put('index/a', [Buffer.alloc(400_000)]);
    expect((await trusted.stat('index/a'))?.size).toBe(400_000);
    const absent = parseS3Place(`${location}&ca=${folder}/none.pem`);
    await expect(openS3Storage(absent, quickS3)).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('the style of addresses', () => {
  afterEach(() => vi.restoreAllMocks());

  it('puts the bucket into the host name, or into the path', async () => {
    const server = await startS3Server(storeWithVault().backend);
    const asked: string[] = [];
    vi.spyOn(dns, 'lookup').mockImplementation(((host: string, options: unknown, done: unknown) => {
      asked.push(host);
      const isAll = typeof options === 'object' && options !== null && Reflect.get(options, 'all') === true;
      const give = typeof done === 'function' ? done : () => undefined;
      if (isAll) give(null, [{ address: '127.0.0.1', family: 4 }]);
      else give(null, '127.0.0.1', 4);
    }) as typeof dns.lookup); // its many forms: only this one is called
    const { port } = new URL(server.endpoint);
    const location = `s3://bucket/trinity?endpoint=http://s3.test:${port}&style=virtual`;
    const storage = await openS3Storage(parseS3Place(location), quickS3);
    await storage.put('index/a', [Buffer.from('x')]);
    expect(new Set(asked)).toEqual(new Set(['bucket.s3.test']));
    expect(server.requests.every(({ address }) => !address.startsWith('/bucket'))).toBe(true);
    server.requests.length = 0;
    await openS3Storage(parseS3Place(`s3://bucket/trinity?endpoint=${server.endpoint}`), quickS3);
    expect(server.requests.every(({ address }) => address.startsWith('/bucket'))).toBe(true);
  });
});
