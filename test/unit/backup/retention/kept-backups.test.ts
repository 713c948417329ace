import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backupsOfInstall } from '../../../../main/backup/retention/kept-backups.ts';
import { decideRetention } from '../../../../main/backup/retention/retention-rules.ts';
import type { StoredManifest } from '../../../../main/vault/manifests/stored-manifest.ts';
import { retentionSettings } from '../../../../shared/model/settings.ts';
import { trigger } from '../../../../shared/model/trigger.ts';
import { createTestManifest, createTestSource } from '../../../fakes/test-manifest.ts';

const dayMs = 24 * 60 * 60 * 1000;
const now = Date.UTC(2026, 10, 22, 12);
const [ours, theirs] = ['1'.repeat(32), '2'.repeat(32)];
const rules = retentionSettings.parse({ newest: 2, daily: 2, weekly: 1, monthly: 1 });

const stored = fc
  .record({
    ageDays: fc.integer({ min: 0, max: 500 }),
    installId: fc.constantFrom(ours, theirs),
    trigger: fc.constantFrom(...trigger.options),
    sources: fc.uniqueArray(fc.constantFrom('persistence', 'files', 'config'), { minLength: 1 }),
    state: fc.constantFrom<StoredManifest['state']>('live', 'live', 'trashed'),
    isPinned: fc.boolean(),
    isProven: fc.boolean(),
  })
  .map(({ ageDays, sources, state, isPinned, isProven, ...rest }) => ({
    manifest: createTestManifest('0'.repeat(32), {
      ...rest,
      timestamp: new Date(now - ageDays * dayMs).toISOString(),
      sources: sources.map((component) => createTestSource(component, '', ['root'])),
    }),
    sources,
    state,
    isPinned,
    isProven,
  }));

describe('backupsOfInstall', () => {
  it('lets two installs in one vault never touch, or count for, each other', () => {
    fc.assert(
      fc.property(fc.array(stored, { maxLength: 40 }), (all) => {
        const pinned = new Set(
          all.filter(({ isPinned }) => isPinned).map(({ manifest }) => manifest.backupId),
        );
        const proofs = all
          .filter(({ isProven }) => isProven)
          .map(({ manifest, sources }) => ({
            backupId: manifest.backupId,
            provenAtMs: Object.fromEntries(sources.map((source) => [source, now])),
          }));
        const decide = (manifests: readonly StoredManifest[]) =>
          decideRetention(backupsOfInstall(manifests, ours, { pinned, proofs }), rules, now);
        const own = all.filter(({ manifest, state }) => manifest.installId === ours && state === 'live');
        const decided = decide(all);
        expect(decided).toEqual(decide(own));
        expect(decided.map(({ backupId }) => backupId).toSorted()).toEqual(
          own.map(({ manifest }) => manifest.backupId).toSorted(),
        );
      }),
    );
  });
});
