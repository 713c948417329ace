import { describe, expect, it } from 'vitest';
import { planRecut } from '../../../../../main/vault/capture/content/recut-plan.ts';

/** The numbers of the chunks that are chosen, of chunks of 100 bytes of which so many are used, beside content without waste. */
function chosenOf(used: readonly number[], fullBytes = 0): readonly number[] {
  const bytes = used.reduce((sum, each) => sum + each, fullBytes);
  const { chunks } = planRecut({
    lengths: Uint32Array.from(used, () => 100),
    used: Uint32Array.from(used),
    usable: new Uint8Array(used.length).fill(1),
    renumbered: undefined,
    blocks: new Uint32Array(),
    bytes,
  });
  return [...chunks.keys()].filter((chunk) => chunks[chunk] === 1);
}

describe('planRecut', () => {
  it('chooses nothing, when less than 2 % lies idle in chunks that are mostly unused', () => {
    expect(chosenOf([40, 90, 100], 3000)).toStrictEqual([]);
    expect(chosenOf([100, 100, 100])).toStrictEqual([]);
  });

  it('chooses chunks of which less than half is used, when they waste more', () => {
    expect(chosenOf([40, 60, 100, 20], 2500)).toStrictEqual([0, 3]);
  });

  it('chooses fuller ones too, the emptiest first, until at most 20 % is wasted', () => {
    const mostlyUsed = Array.from({ length: 200 }, (_, chunk) => (chunk < 20 ? 60 : 84));
    // 20 * 40 + 180 * 16 unused of 16,320 used: a fifth of these is 3264.
    expect(chosenOf(mostlyUsed)).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('leaves chunks alone of which more than 80 % is used, however much that is in all', () => {
    expect(chosenOf(Array.from({ length: 100 }, () => 81))).toStrictEqual([]);
  });

  it('stores at most 5 % of the source anew', () => {
    const chosen = chosenOf(
      Array.from({ length: 100 }, () => 40),
      4000,
    );
    expect(chosen).toHaveLength(10);
  });
});
