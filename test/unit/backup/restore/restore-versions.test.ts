import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../../../main/backup/restore/restore-versions.ts';

describe('compareVersions', () => {
  it('compares number by number', () => {
    expect(compareVersions('0.9.5', '0.10.0')).toBeLessThan(0);
    expect(compareVersions('v1.0', '0.99.99')).toBeGreaterThan(0);
    expect(compareVersions('1.0', '1.0.0')).toBe(0);
    expect(compareVersions('0.9.5-rc1', '0.9.5')).toBe(0);
  });

  it('says nothing of what is no version of numbers', () => {
    expect(compareVersions('main', '0.9.5')).toBeUndefined();
    expect(compareVersions('0.9.5', '')).toBeUndefined();
  });
});
