import { describe, expect, it } from 'vitest';
import { RecentChanges } from '../../../../../main/storage/s3/objects/recent-changes.ts';

describe('RecentChanges', () => {
  it('knows the last change of each name below a prefix', () => {
    const recent = new RecentChanges();
    recent.note('packs/a', 'written');
    recent.note('packs/b', 'written');
    recent.note('index/c', 'written');
    recent.note('packs/b', 'deleted');
    expect([...recent.written('packs/')]).toEqual(['packs/a']);
    expect(recent.isDeleted('packs/b')).toBe(true);
    recent.note('packs/b', 'written');
    expect(recent.isDeleted('packs/b')).toBe(false);
  });

  it('forgets what is older than any list, so that it does not grow', () => {
    let nowMs = 0;
    const recent = new RecentChanges(() => nowMs);
    recent.note('packs/a', 'deleted');
    nowMs = 16 * 60_000;
    recent.note('packs/b', 'written');
    expect(recent.isDeleted('packs/a')).toBe(false);
    expect([...recent.written('')]).toEqual(['packs/b']);
  });
});
