import { describe, expect, it } from 'vitest';
import { differenceText, filesText, foundText } from '../../../../../main/headless/cli/output/entry-text.ts';

const place = { component: 'files', volume: '', path: 'a' };
const entry = {
  ...place,
  kind: 'file',
  size: 1,
  mtime: '2026-01-01T00:00:00.000Z',
  mode: '0644',
  uid: 0,
  gid: 0,
};

describe('a list that is too long', () => {
  it('says where it was cut, and how to see the rest', () => {
    const files = [entry] as Parameters<typeof filesText>[0]['files'];
    expect(filesText({ files, isCut: true, from: null }, 0)).toMatch(/^Cut after 1 entry: .+--path\.$/mu);
    expect(filesText({ files, isCut: false, from: null }, 0)).not.toContain('Cut');
    const counts = { added: 100_001, removed: 0, changed: 0, metadata: 0 };
    expect(differenceText({ counts, entries: [], isCut: true, from: null })).toMatch(
      /^Cut after 0 of them; .+\.$/mu,
    );
    expect(foundText({ found: [], backups: 2, isCut: true, unreadable: [] }, 0)).toMatch(
      /^Cut after .+\.$/mu,
    );
  });
});
