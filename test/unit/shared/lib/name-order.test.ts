import { describe, expect, it } from 'vitest';
import { compareNames } from '../../../../shared/lib/name-order.ts';

describe('compareNames', () => {
  it('puts numbers in the order of their size', () => {
    const names = ['agent-10', 'agent-2', 'agent-1', 'v1.10/a', 'v1.9/b'];
    expect(names.toSorted(compareNames)).toEqual(['agent-1', 'agent-2', 'agent-10', 'v1.9/b', 'v1.10/a']);
  });

  it('keeps names together that differ in capitals alone', () => {
    expect(['beta', 'Alpha', 'alpha', 'Beta'].toSorted(compareNames)).toEqual([
      'alpha',
      'Alpha',
      'beta',
      'Beta',
    ]);
  });

  it('orders names alike however they came, though they are the same number', () => {
    expect(['a-1', 'a-001', 'a-01'].toSorted(compareNames)).toEqual(['a-001', 'a-01', 'a-1']);
    expect(['a-01', 'a-001', 'a-1'].toSorted(compareNames)).toEqual(['a-001', 'a-01', 'a-1']);
    expect(compareNames('a-01', 'a-01')).toBe(0);
  });
});
