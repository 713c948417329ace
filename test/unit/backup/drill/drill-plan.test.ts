import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextUpkeep } from '../../../../main/app/upkeep/due-upkeep.ts';
import {
  type DrillSource,
  dueSources,
  fitDrill,
  newestSources,
  proofMarginMs,
} from '../../../../main/backup/drill/drill-plan.ts';
import { sourceText } from '../../../../shared/model/component.ts';
import type { Manifest, ManifestSource } from '../../../../shared/model/manifest.ts';
import { createTestManifest, createTestSource } from '../../../fakes/test-manifest.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function manifest(backupId: string, sources: readonly string[], failed: readonly string[] = []): Manifest {
  const partOf = (name: string): ManifestSource => {
    const [component = '', volume = ''] = name.split('/');
    const source = createTestSource(component, volume, [name]);
    return failed.includes(name) ? { ...source, state: 'failed', listing: undefined } : source;
  };
  return createTestManifest('0'.repeat(32), { backupId, sources: sources.map(partOf) });
}

function sources(names: readonly string[], bytes = 1): readonly DrillSource[] {
  return newestSources([manifest('a'.repeat(12), names)]).map((each) => ({ ...each, bytes }));
}

const names = (chosen: readonly DrillSource[]): readonly string[] =>
  chosen.map(({ source }) => sourceText(source));

describe('newestSources', () => {
  it('takes each source from the newest backup that holds it whole, rather from that of the database', () => {
    const found = newestSources([
      manifest('4'.repeat(12), ['files']),
      manifest('3'.repeat(12), ['persistence', 'config', 'memory/a'], ['memory/a']),
      manifest('2'.repeat(12), ['persistence', 'files', 'memory/a', 'memory/b']),
    ]);
    expect(found.map(({ source, manifest: { backupId } }) => [sourceText(source), backupId[0]])).toEqual([
      ['persistence', '3'],
      ['config', '3'],
      ['files', '4'],
      ['memory/a', '2'],
      ['memory/b', '2'],
    ]);
  });
});

describe('dueSources', () => {
  const all = sources(['persistence', 'config', 'memory/a', 'memory/b', 'memory/c', 'memory/d']);
  const nowMs = 100 * dayMs;
  const due = (ages: Readonly<Record<string, number>>): readonly string[] => {
    const provenMs = new Map(Object.entries(ages).map(([name, days]) => [name, nowMs - days * dayMs]));
    return names(dueSources(all, { everyDays: 7, proofDays: 14, nowMs, provenMs }));
  };

  it('takes database and configuration, and half of the others every week when they are to be proven every two', () => {
    const ages = { persistence: 7, config: 7, 'memory/a': 3, 'memory/b': 8, 'memory/c': 4, 'memory/d': 9 };
    expect(due(ages)).toEqual(['persistence', 'config', 'memory/d', 'memory/b']);
  });

  it('takes all that was never proven, or is about to be too old', () => {
    expect(due({ 'memory/a': 1 })).toEqual(['persistence', 'config', 'memory/b', 'memory/c', 'memory/d']);
    const ages = { 'memory/a': 13, 'memory/b': 13, 'memory/c': 13, 'memory/d': 1 };
    expect(due(ages)).toEqual(['persistence', 'config', 'memory/a', 'memory/b', 'memory/c']);
  });

  it('proves every source in time, however many there are and however late rehearsals begin', () => {
    const plan = fc.record({
      agents: fc.integer({ min: 0, max: 12 }),
      proofDays: fc.integer({ min: 1, max: 60 }),
      everyDays: fc.integer({ min: 1, max: 30 }),
      latenessMs: fc.array(fc.integer({ min: 0, max: 5 * hourMs }), { minLength: 7, maxLength: 7 }),
    });
    fc.assert(
      fc.property(plan, ({ agents, proofDays, everyDays, latenessMs }) => {
        const each = sources([
          'persistence',
          ...Array.from({ length: agents }, (_, index) => `memory/${index}`),
        ]);
        const provenMs = new Map<string, number>();
        const margin = proofMarginMs(proofDays);
        let nowMs = 0;
        for (let drill = 0; drill < 60; drill += 1) {
          const chosen = names(dueSources(each, { everyDays, proofDays, nowMs, provenMs }));
          expect(chosen).toContain('persistence');
          for (const name of chosen) provenMs.set(name, nowMs);
          const oldest = Math.min(...names(each).map((name) => provenMs.get(name) ?? -Infinity));
          const { task, atMs } = nextUpkeep({
            nowMs,
            lastSampleMs: Infinity,
            lastDrill: { atMs: nowMs, isDone: true },
            proofsDueMs: oldest + proofDays * dayMs - margin,
            proofMarginMs: margin,
            everyDays,
          });
          // A day without a sample: the clock stands at the last rehearsal.
          const next =
            task === 'drill'
              ? atMs
              : Math.min(oldest + proofDays * dayMs - margin, nowMs + everyDays * dayMs);
          nowMs = Math.max(nowMs, next) + (latenessMs[drill % 7] ?? 0);
          expect(nowMs - oldest).toBeLessThanOrEqual(proofDays * dayMs);
        }
      }),
    );
  });
});

describe('fitDrill', () => {
  const enough = { freeBytes: 1e12, downloadShare: 0 };
  const two = sources(['persistence', 'memory/a'], 1000);

  it('takes everything where nothing is short', () => {
    expect(fitDrill(two, enough)).toEqual({ chosen: two, skipped: [] });
  });

  it.each([
    ['space', { ...enough, freeBytes: 100 }, /are free\.$/u, 0],
    ['time', { ...enough, bytesPerMs: 1, maxMs: 1500 }, /would take about 2\.0 s/u, 1],
    ['download', { ...enough, downloadShare: 0.5, maxDownloadBytes: 600 }, /would be fetched/u, 1],
  ])('leaves out what %s is too short for, and says so', (_what, limits, message, fits) => {
    const { chosen, skipped } = fitDrill(two, limits);
    expect(chosen).toEqual(two.slice(0, fits));
    expect(skipped.map(({ source }) => source)).toEqual(['persistence', 'memory/a'].slice(fits));
    for (const each of skipped) expect(each.message).toMatch(message);
  });

  it('does not guess how long it takes before the first rehearsal', () => {
    expect(fitDrill(two, { ...enough, maxMs: 1 }).chosen).toEqual(two);
  });
});
