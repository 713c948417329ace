import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRetention, type RetentionFacts } from '../../../../main/backup/retention/retention-rules.ts';
import { retentionSettings } from '../../../../shared/model/settings.ts';
import { trigger } from '../../../../shared/model/trigger.ts';

const dayMs = 24 * 60 * 60 * 1000;
const now = Date.UTC(2026, 10, 22, 12);
const rules = retentionSettings.parse({});

function facts(change: Partial<RetentionFacts> & { backupId: string; ageDays: number }): RetentionFacts {
  const { ageDays, ...rest } = change;
  return {
    timestampMs: now - ageDays * dayMs,
    trigger: 'scheduled',
    sources: ['persistence'],
    provenSources: [],
    pinned: false,
    ...rest,
  };
}

function keptIds(backups: readonly RetentionFacts[], settings = rules): readonly string[] {
  return decideRetention(backups, settings, now)
    .filter((decision) => decision.reasons.length > 0)
    .map((decision) => decision.backupId);
}

/** Of several of the same moment it does not matter which one is kept. */
function expectNewestKept(backups: readonly RetentionFacts[], kept: ReadonlySet<string>): void {
  const newestMs = Math.max(...backups.map((backup) => backup.timestampMs));
  const newest = backups.filter((backup) => backup.timestampMs === newestMs);
  expect(newest.length === 0 || newest.some((backup) => kept.has(backup.backupId))).toBe(true);
}

describe('decideRetention', () => {
  it('keeps the newest ten, one a day, one a week and one a month', () => {
    const hourly = Array.from({ length: 24 * 400 }, (_, hour) =>
      facts({ backupId: `h${hour}`, ageDays: hour / 24 }),
    );
    const reasons = decideRetention(hourly, { ...rules, maxAgeDays: 3650 }, now);
    const count = (reason: string): number =>
      reasons.filter((decision) => decision.reasons.some((one) => one === reason)).length;
    expect([count('newest'), count('daily'), count('weekly'), count('monthly')]).toEqual([10, 14, 8, 6]);
  });

  it('keeps only the newest, the newest proven and the pinned past the age limit', () => {
    const backups = [
      facts({ backupId: 'newest', ageDays: 400 }),
      facts({ backupId: 'proven', ageDays: 401, provenSources: ['persistence'] }),
      facts({ backupId: 'older-proven', ageDays: 402, provenSources: ['persistence'] }),
      facts({ backupId: 'pinned', ageDays: 403, pinned: true }),
      facts({ backupId: 'other', ageDays: 404 }),
    ];
    expect(keptIds(backups)).toEqual(['newest', 'proven', 'pinned']);
  });

  it('never counts safety backups (T11), and offers them after 30 days without pruning them', () => {
    const safety = Array.from({ length: 60 }, (_, day) =>
      facts({ backupId: `s${day}`, ageDays: day + 0.5, trigger: 'pre_migration' }),
    );
    const ordinary = Array.from({ length: 12 }, (_, day) => facts({ backupId: `o${day}`, ageDays: day }));
    const decisions = decideRetention([...safety, ...ordinary], rules, now);
    expect(
      decisions.filter((decision) => decision.backupId.startsWith('o') && decision.reasons.length === 0),
    ).toEqual([]);
    expect(
      decisions.filter((decision) => decision.backupId.startsWith('s') && decision.reasons.length === 0),
    ).toEqual([]);
    expect(decisions.filter((decision) => decision.offered).map((decision) => decision.backupId)).toEqual(
      Array.from({ length: 30 }, (_, day) => `s${day + 30}`),
    );
  });

  it('keeps the last two backups of an agent under 50 of the database alone', () => {
    const agent = ['memory/agent-echo-workspace'];
    const backups = [
      ...Array.from({ length: 50 }, (_, index) => facts({ backupId: `d${index}`, ageDays: index / 100 })),
      facts({ backupId: 'a1', ageDays: 3, sources: agent }),
      facts({ backupId: 'a2', ageDays: 3.1, sources: agent }),
    ];
    expect(keptIds(backups)).toEqual(expect.arrayContaining(['a1', 'a2']));
  });

  it('never lets go of the newest, the newest proven, a pinned or a safety backup', () => {
    const source = fc.constantFrom('persistence', 'files', 'memory/a', 'memory/b');
    const backup = fc.record({
      ageDays: fc.double({ min: -2, max: 900, noNaN: true }),
      trigger: fc.constantFrom(...trigger.options),
      sources: fc.uniqueArray(source, { maxLength: 4 }),
      proven: fc.boolean(),
      pinned: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(backup, { maxLength: 60 }), (made) => {
        const backups = made.map(({ proven, ...rest }, index) =>
          facts({ ...rest, backupId: String(index), provenSources: proven ? rest.sources : [] }),
        );
        const kept = new Set(keptIds(backups));
        for (const name of ['persistence', 'files', 'memory/a', 'memory/b']) {
          expectNewestKept(
            backups.filter((one) => one.sources.includes(name)),
            kept,
          );
          expectNewestKept(
            backups.filter((one) => one.provenSources.includes(name)),
            kept,
          );
        }
        const never = backups.filter((one) => one.pinned || one.trigger === 'pre_migration');
        expect(never.every((one) => kept.has(one.backupId))).toBe(true);
      }),
    );
  });
});
