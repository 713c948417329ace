import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startS3Server } from '../fakes/s3/s3-server.ts';
import type { S3Server } from '../fakes/s3/s3-server.ts';
import { forwardTo } from '../fakes/s3/forward.ts';
import { isPut } from '../fakes/s3/faults.ts';
import type { S3Request } from '../fakes/s3/exchange.ts';
import { swiftEndpoint } from '../services/swift/test-bucket.ts';
import { newS3Lab } from './s3-lab.ts';
import type { S3Lab } from './s3-lab.ts';

const timeout = 300_000;

/** Everything that was committed is there and whole; nothing else is listed. */
async function expectWhole(s3: S3Lab, backupIds: readonly string[]): Promise<readonly string[]> {
  const listed = await s3.listed();
  expect(backupIds.filter((id) => !listed.includes(id))).toEqual([]);
  expect(await s3.json(['verify', '--data', 'full'])).toMatchObject({ ok: true, damaged: [] });
  return listed;
}

function isPack(request: S3Request): boolean {
  return isPut(request) && request.key?.includes('/packs/') === true;
}

async function packsUnderWay({ requests }: S3Server, count: number): Promise<void> {
  while (requests.filter(isPack).length < count) await delay(10);
}

describe('a backup to Swift', () => {
  it('may be killed around its storage calls, and the next one goes well', { timeout }, async () => {
    const s3 = await newS3Lab();
    let known: readonly string[] = [await s3.backUp()];
    for (let call = 1, isKilled = true; isKilled; call += 3) {
      s3.change();
      const plan = {
        TRINITY_TEST_KILL_CALL: call % 2 === 1 ? String(call) : `${String(call)}:after`,
        TRINITY_TEST_COUNTS: 'mutating',
      };
      const ended = await s3.run(['backup'], plan);
      isKilled = ended.signal === 'SIGKILL';
      if (!isKilled) expect([ended.code, ended.stderr]).toEqual([0, '']);
      known = await expectWhole(s3, known);
    }
    expect(await s3.backUp()).toMatch(/^[0-9a-f]{12}$/u);
  });

  it('goes on where an upload was cut off', { timeout }, async () => {
    const proxy = await startS3Server(forwardTo(swiftEndpoint()));
    const s3 = await newS3Lab(proxy.endpoint);
    const first = await s3.backUp();
    const large = path.join(s3.lab.volumes, 'agent-one-workspace/_data/upload.bin');
    const size = 120_000_000;
    writeFileSync(large, randomBytes(size));
    proxy.requests.length = 0;
    const running = s3.start(['backup']);
    await packsUnderWay(proxy, 5);
    running.kill('SIGKILL');
    await running.ended;
    const stored = proxy.requests.filter(isPack).length;
    expect(await expectWhole(s3, [first])).toEqual([first]);
    const again = (await s3.json(['backup'])) as { bytesStored: number }; // as backup prints it
    // Packs that arrived whole are not sent again; those on their way are.
    expect(again.bytesStored).toBeLessThan(size - (stored - 4) * 10_000_000);
    await expectWhole(s3, [first]);
  });

  it('is cancelled at once while its storage stalls, and leaves nothing listed', { timeout }, async () => {
    const proxy = await startS3Server(forwardTo(swiftEndpoint()));
    const s3 = await newS3Lab(proxy.endpoint);
    const first = await s3.backUp();
    s3.change();
    proxy.requests.length = 0;
    proxy.plan = (request) => (isPack(request) ? { kind: 'stall', when: 'before' } : undefined);
    const running = s3.start(['backup']);
    await packsUnderWay(proxy, 1);
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('cancelled') });
    proxy.plan = () => undefined;
    expect(await expectWhole(s3, [first])).toEqual([first]);
  });

  it('keeps another machine from writing meanwhile, and not from reading', { timeout }, async () => {
    const proxy = await startS3Server(forwardTo(swiftEndpoint()));
    const s3 = await newS3Lab(proxy.endpoint);
    const first = await s3.backUp();
    const other = s3.elsewhere();
    const keyFile = path.join(other.lab.base, 'key');
    writeFileSync(keyFile, s3.recoveryKey);
    const connect = ['connect', '--vault', s3.location, '--credentials-file', other.credentialsFile];
    await other.json([...connect, '--recovery-key-file', keyFile]);
    s3.change();
    proxy.requests.length = 0;
    proxy.plan = (request) => (isPack(request) ? { kind: 'stall', when: 'before' } : undefined);
    const running = s3.start(['backup']);
    await packsUnderWay(proxy, 1);
    const refused = await other.run(['delete', first]);
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('is being written')]);
    expect(await other.listed()).toEqual([first]);
    proxy.plan = () => undefined;
    running.kill('SIGTERM');
    await running.ended;
    await other.json(['delete', first]);
    expect(await s3.listed()).toEqual([]);
  });

  it('gets through faults of all kinds, of which one request in eight meets one', { timeout }, async () => {
    const proxy = await startS3Server(forwardTo(swiftEndpoint()));
    const s3 = await newS3Lab(proxy.endpoint);
    const faults = [
      { kind: 'answer', status: 503, code: 'SlowDown' },
      { kind: 'answer', status: 409, code: 'OperationAborted' },
      { kind: 'answer', status: 429, code: 'TooManyRequests' },
      { kind: 'reset', when: 'before' },
      { kind: 'answer-done', status: 500, code: 'InternalError' },
      { kind: 'reset', when: 'after' },
    ] as const;
    proxy.plan = (_request, number) => (number % 8 === 0 ? faults[(number / 8) % faults.length] : undefined);
    const before = s3.liveDigest();
    const first = await s3.backUp();
    s3.change();
    const second = await s3.backUp();
    expect(await expectWhole(s3, [first, second])).toHaveLength(2);
    await s3.json([
      'restore',
      first,
      '--only',
      'memory,persistence,files',
      '--confirm',
      '--no-safety-backup',
    ]);
    expect(s3.liveDigest()).toBe(before);
    await s3.json(['delete', second]);
    await s3.json(['collect']);
    expect(await expectWhole(s3, [first])).toEqual([first]);
  });
});
