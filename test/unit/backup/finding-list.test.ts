import { describe, expect, it } from 'vitest';
import { FindingList } from '../../../main/backup/finding-list.ts';
import { maxManifestBytes } from '../../../main/vault/manifests/manifest-reader.ts';

describe('the findings of a run', () => {
  it('fit into a manifest, however many and long the names are, and the rest is counted', () => {
    const list = new FindingList();
    // Six bytes of JSON each.
    const path = '\u0001'.repeat(20_000);
    for (let count = 0; count < 400; count += 1) list.add({ code: 'fifo', message: 'left out', path });
    list.add({ code: 'late', message: 'short' });
    const named = list.list.filter(({ code }) => code === 'fifo').length;
    expect(Buffer.byteLength(JSON.stringify(list.list))).toBeLessThan(maxManifestBytes / 4);
    expect(list.list).toContainEqual({ code: 'late', message: 'short' });
    expect(list.list.at(-1)).toEqual({
      code: 'more',
      message: `There are ${String(400 - named)} more of these.`,
    });
  });
});
