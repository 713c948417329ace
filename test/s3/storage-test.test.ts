import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLab } from '../helpers/command-lab.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testers } from '../services/swift/configuration.ts';
import { newSwiftLocation } from '../services/swift/test-bucket.ts';

async function tested(
  location: string,
  who: keyof typeof testers,
): Promise<Readonly<{ code: number | null; text: string }>> {
  const lab = new CommandLab(await tempFolder());
  const file = path.join(lab.base, 'credentials');
  writeFileSync(file, `${testers[who].accessKeyId}\n${testers[who].secretAccessKey}\n`);
  const { code, stdout, stderr } = await lab.run(['storage-test', location, '--credentials-file', file]);
  return { code, text: stdout + stderr };
}

describe('storage-test on Swift', () => {
  it('finds all that a vault needs, and says that Swift knows no conditional PUT', async () => {
    const { code, text } = await tested(await newSwiftLocation(), 'owner');
    expect([code, text]).toEqual([0, expect.stringContaining('has all that a vault needs')]);
    expect(text).toContain('locks are taken by waiting');
  });

  it('names each right that is missing', async () => {
    const { code, text } = await tested(await newSwiftLocation(), 'other');
    expect(code).toBe(1);
    for (const right of ['s3:PutObject', 's3:GetObject', 's3:ListBucket', 's3:DeleteObject'])
      expect(text).toContain(right);
  });
});
