import { describe, expect, it } from 'vitest';
import { speedOf } from '../../../../main/app/upkeep/restore-speed.ts';

function run(bytes: number, tookMs: number, frozenMs = 0) {
  return { bytes, startedMs: 1000, finishedMs: 1000 + tookMs, frozenMs };
}

describe('speedOf', () => {
  it('goes by restores that wrote enough, without the time in which containers stood still', () => {
    expect(speedOf([run(13, 4000), run(40_000_000, 5000, 1000)])).toBe(10_000);
  });

  it('tells nothing by the restore of one small file', () => {
    expect(speedOf([run(13, 4000), run(0, 10)])).toBeUndefined();
  });
});
