import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startS3Server } from '../fakes/s3/s3-server.ts';
import { forwardTo } from '../fakes/s3/forward.ts';
import { swiftEndpoint } from '../services/swift/test-bucket.ts';
import { expectWhole, newS3Lab, packsUnderWay } from './s3-lab.ts';

describe('a backup to Swift', () => {
  it('may be killed around its storage calls, and the next one goes well', async () => {
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

  it('goes on where an upload was cut off', async () => {
    const proxy = await startS3Server(forwardTo(swiftEndpoint()));
    const s3 = await newS3Lab(proxy.endpoint);
    const first = await s3.backUp();
    const large = path.join(s3.lab.volumes, 'agent-one-workspace/_data/upload.bin');
    const size = 110_000_000;
    writeFileSync(large, randomBytes(size));
    proxy.requests.length = 0;
    const running = s3.start(['backup']);
    // Four are on their way at once: when the sixth is sent, two are there.
    await packsUnderWay(proxy, 6);
    running.kill('SIGKILL');
    await running.ended;
    expect(await expectWhole(s3, [first])).toEqual([first]);
    const again = (await s3.json(['backup'])) as { bytesStored: number }; // as backup prints it
    expect(again.bytesStored).toBeLessThan(size - 30_000_000);
    await expectWhole(s3, [first]);
  });
});
