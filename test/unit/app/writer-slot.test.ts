import { describe, expect, it } from 'vitest';
import { runningFacts } from '../../../main/app/status/running-facts.ts';
import { WriterSlot } from '../../../main/app/writer-slot.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const secondMs = 1000;
const hourMs = 3_600_000;
const options = { signal: new AbortController().signal, onProgress: () => undefined };

describe('WriterSlot', () => {
  it.each(['sleep', 'jump'] as const)('does not count the time of a %s into what is left', async (way) => {
    const clock = new FakeClock(Date.parse('2026-03-02T12:00:00Z'));
    const slot = new WriterSlot(clock.now, () => ({ [Symbol.dispose]: () => undefined }));
    const left = (): number | undefined => runningFacts(slot.current, clock.now())?.leftMs;
    await slot.run({ what: 'backup', subject: undefined }, options, async ({ onProgress }) => {
      const say = (done: number): void =>
        onProgress({ phase: 'reading', done, total: 100, unit: 'bytes', detail: '' });
      say(0);
      await clock.advance(10 * secondMs);
      say(50);
      expect(left()).toBe(10 * secondMs);
      clock[way](hourMs);
      say(50);
      await clock.advance(5 * secondMs);
      say(75);
      expect(left()).toBe(5 * secondMs);
    });
  });
});
