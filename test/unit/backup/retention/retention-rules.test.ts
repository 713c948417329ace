import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sourcesLost } from '../../../../main/backup/retention/prune.ts';
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

  it('never counts safety backups (T11), and prunes none of them', () => {
    const safety = Array.from({ length: 60 }, (_, day) =>
      facts({ backupId: `s${day}`, ageDays: day + 0.5, trigger: 'pre_migration' }),
    );
    const ordinary = Array.from({ length: 12 }, (_, day) => facts({ backupId: `o${day}`, ageDays: day }));
    const decisions = decideRetention([...safety, ...ordinary], rules, now);
    expect(decisions.filter((decision) => decision.reasons.length === 0)).toEqual([]);
    const offered = decisions.filter((decision) => decision.offered);
    expect(offered.map((decision) => decision.backupId)).toEqual(
      Array.from({ length: 30 }, (_, day) => `s${day + 30}`),
    );
  });

  it('keeps the newest ordinary backup of a source under newer safety backups, however old it is', () => {
    const safety = { trigger: 'pre_migration' } as const;
    const backups = [
      facts({ backupId: 'safety', ageDays: 1, ...safety, provenSources: ['persistence'] }),
      facts({ backupId: 'newest', ageDays: 400 }),
      facts({ backupId: 'proven', ageDays: 401, provenSources: ['persistence'] }),
      facts({ backupId: 'other', ageDays: 402 }),
    ];
    expect(keptIds(backups)).toEqual(['safety', 'newest', 'proven']);
  });

  it('offers no safety backup while the restored state is the newest one', () => {
    const safety = facts({
      backupId: 'safety',
      ageDays: 31,
      trigger: 'pre_migration',
      sources: ['persistence', 'files'],
    });
    const offered = (...others: readonly RetentionFacts[]): boolean | undefined =>
      decideRetention([safety, ...others], rules, now).find(({ backupId }) => backupId === 'safety')?.offered;
    const later = facts({ backupId: 'later', ageDays: 30 });
    expect(offered()).toBe(false);
    expect(offered(facts({ backupId: 'earlier', ageDays: 32, sources: ['persistence', 'files'] }))).toBe(
      false,
    );
    expect(offered(later)).toBe(false);
    expect(offered(later, facts({ backupId: 'more', ageDays: 29, sources: ['files'] }))).toBe(true);
  });

  it.each(['UTC', 'Pacific/Auckland', 'America/Los_Angeles'])(
    'counts days, weeks and months as in %s',
    (zone) => {
      vi.stubEnv('TZ', zone);
      onTestFinished(() => void vi.unstubAllEnvs());
      // Every half hour over two changes to or from daylight saving time.
      const first = new Date(2026, 8, 1).getTime();
      const last = new Date(2026, 10, 22, 12).getTime();
      const backups: RetentionFacts[] = [];
      for (let atMs = first; atMs <= last; atMs += 30 * 60_000) {
        const backup = facts({ backupId: String(atMs), ageDays: 0 });
        backups.push({ ...backup, timestampMs: atMs });
      }
      const kept = (reason: string): readonly Date[] =>
        decideRetention(backups, rules, last)
          .filter((decision) => decision.reasons.some((one) => one === reason))
          .map(({ backupId }) => new Date(Number(backupId)));
      // The newest of each day is that of half past eleven at night, by the operator's clock.
      const days = kept('daily').slice(1);
      expect(days.map((date) => [date.getHours(), date.getMinutes()])).toEqual(days.map(() => [23, 30]));
      const weeks = kept('weekly').slice(1);
      expect(weeks.map((date) => date.getDay())).toEqual(weeks.map(() => 0));
      const months = kept('monthly').slice(1);
      expect(months.map((date) => [date.getMonth() + 1, date.getDate()])).toEqual([
        [10, 31],
        [9, 30],
      ]);
    },
  );

  it('keeps the last two backups of an agent under 50 of the database alone, whenever they were made', () => {
    const age = fc.double({ min: 0, max: 364, noNaN: true });
    const ages = fc.record({
      agent: fc.tuple(age, age),
      database: fc.array(age, { minLength: 50, maxLength: 50 }),
    });
    fc.assert(
      fc.property(ages, ({ agent, database }) => {
        const sources = ['memory/agent-echo-workspace'];
        const backups = [
          ...database.map((ageDays, index) => facts({ backupId: `d${index}`, ageDays })),
          ...agent.map((ageDays, index) => facts({ backupId: `a${index}`, ageDays, sources })),
        ];
        expect(keptIds(backups)).toEqual(expect.arrayContaining(['a0', 'a1']));
      }),
    );
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
          const ordinary = backups.filter((one) => one.trigger !== 'pre_migration');
          expectNewestKept(
            ordinary.filter((one) => one.sources.includes(name)),
            kept,
          );
          expectNewestKept(
            ordinary.filter((one) => one.provenSources.includes(name)),
            kept,
          );
        }
        const going = new Set(backups.map(({ backupId }) => backupId).filter((id) => !kept.has(id)));
        expect(sourcesLost(backups, going)).toEqual([]);
        const never = backups.filter((one) => one.pinned || one.trigger === 'pre_migration');
        expect(never.every((one) => kept.has(one.backupId))).toBe(true);
      }),
    );
  });

  it('says which source would be left with nothing', () => {
    const backups = [
      facts({ backupId: 'both', ageDays: 1, sources: ['persistence', 'files'] }),
      facts({ backupId: 'one', ageDays: 2 }),
      facts({ backupId: 'safety', ageDays: 0, trigger: 'pre_migration', sources: ['files'] }),
    ];
    expect(sourcesLost(backups, new Set(['one']))).toEqual([]);
    expect(sourcesLost(backups, new Set(['both']))).toEqual(['files']);
    expect(sourcesLost(backups, new Set(['both', 'one']))).toEqual(['persistence', 'files']);
  });
});
