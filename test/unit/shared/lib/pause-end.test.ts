import { describe, expect, it } from 'vitest';
import { pauseEnd } from '../../../../shared/lib/pause-end.ts';

describe('pauseEnd', () => {
  it('ends in an hour, in the morning of the next day by the local clock, or never', () => {
    const now = new Date(2026, 2, 28, 23, 30);
    expect(pauseEnd('hour', now.getTime())).toBe(new Date(2026, 2, 29, 0, 30).toISOString());
    expect(pauseEnd('tomorrow', now.getTime())).toBe(new Date(2026, 2, 29, 8).toISOString());
    expect(pauseEnd('resumed', now.getTime())).toBeUndefined();
  });
});
