import { describe, expect, it } from 'vitest';
import { KeptComparison } from '../../../main/app/kept-comparison.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const made = {
  counts: { added: 0, removed: 0, changed: 0, metadata: 0 },
  entries: [],
  folders: [],
  isCut: false,
};

describe('KeptComparison', () => {
  it('makes a comparison once while it is looked at, and keeps none that nobody looks at', async () => {
    const clock = new FakeClock(0);
    const kept = new KeptComparison(clock);
    const asked: string[] = [];
    const get = async (key: string): Promise<void> => {
      await kept.get(key, async () => {
        asked.push(key);
        return await Promise.resolve(made);
      });
    };
    await get('a b');
    await clock.advance(100_000);
    await get('a b');
    await clock.advance(100_000);
    await get('a b');
    expect(asked).toEqual(['a b']);
    await get('a c');
    await get('a b');
    expect(asked).toEqual(['a b', 'a c', 'a b']);
    expect(clock.timers).toBe(1);
    await clock.advance(120_000);
    expect(clock.timers).toBe(0);
    await get('a b');
    expect(asked).toHaveLength(4);
  });
});
