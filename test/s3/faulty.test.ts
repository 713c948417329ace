import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startS3Server } from '../fakes/s3/s3-server.ts';
import { forwardTo } from '../fakes/s3/forward.ts';
import { swiftEndpoint } from '../services/swift/test-bucket.ts';
import { expectWhole, isPack, newS3Lab, packsUnderWay } from './s3-lab.ts';

describe('a backup to a Swift that fails', () => {
  it('is cancelled at once while its storage stalls, and leaves nothing listed', async () => {
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

  it('keeps another machine from writing meanwhile, and not from reading', async () => {
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

  it('gets through faults of all kinds, of which one request in eight meets one', async () => {
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
