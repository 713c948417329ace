import { describe, expect, it } from 'vitest';
import { assertSupportedSystem } from '../../../../main/app/launch/supported-system.ts';

describe('assertSupportedSystem', () => {
  it('lets the engine run on Linux', () => {
    expect(() => assertSupportedSystem('linux')).not.toThrow();
  });

  it.each(['darwin', 'win32', 'freebsd'] as const)('says on %s where it runs', (platform) => {
    expect(() => assertSupportedSystem(platform)).toThrow(/^Backups are made on Linux, where Trinity runs/u);
  });
});
