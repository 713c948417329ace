import { describe, expect, it } from 'vitest';
import { listed } from '../../../../main/app/operations/list.ts';
import { createTestManifest, createTestSource } from '../../../fakes/test-manifest.ts';

const noMarks = { pinned: new Set<string>(), damaged: new Set<string>(), proofs: new Map() };

describe('a listed backup', () => {
  it('is damaged when its database was damaged as it was copied, whatever checks of the vault say', () => {
    const database = createTestSource('persistence', '', ['root']);
    const of = (facts: typeof database.facts) => {
      const manifest = createTestManifest('c'.repeat(32), { sources: [{ ...database, facts }] });
      return listed({ manifest, state: 'live' }, noMarks).damaged;
    };
    expect(of({ damaged: 'file is not a database' })).toBe(true);
    expect(of({})).toBe(false);
  });
});
