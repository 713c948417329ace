import { describe, expect, it } from 'vitest';
import { parseMounts } from '../../../../../main/backup/restore/staging/mounts.ts';

describe('parseMounts', () => {
  it('reads mount points, with the characters that are written as numbers', () => {
    const text =
      '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n36 22 0:32 / /mnt/a\\040b\\134c rw shared:1 - tmpfs tmpfs rw\n';
    expect(parseMounts(text)).toEqual(['/', '/mnt/a b\\c']);
  });
});
