import { describe, expect, it } from 'vitest';
import { isWithin } from '../../../../../main/backup/restore/staging/staging-space.ts';
import type { Entry } from '../../../../../main/vault/listing/entry.ts';

const stat = { mode: 0, uid: 0, gid: 0, size: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n };
const entry = (path: string): Entry => ({
  kind: 'folder',
  path: Buffer.from(path, 'latin1'),
  stat,
  xattrs: [],
});

describe('isWithin', () => {
  it('takes the paths and what lies below them, by whole names', () => {
    const wants = isWithin([Buffer.from('a/b'), Buffer.from([0xff])]);
    const names = ['a', 'a/b', 'a/b/c', 'a/bc', 'b', '\xff', '\xff/x'];
    expect(names.filter((name) => wants(entry(name)))).toEqual(['a/b', 'a/b/c', '\xff', '\xff/x']);
  });

  it('takes everything for the root and nothing for no paths', () => {
    expect(isWithin([Buffer.alloc(0)])(entry('a'))).toBe(true);
    expect(isWithin([])(entry('a'))).toBe(false);
  });
});
