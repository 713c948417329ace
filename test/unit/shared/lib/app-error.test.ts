import { describe, expect, it } from 'vitest';
import { AppError, exitCodeOf, hasCode, messageOf } from '../../../../shared/lib/app-error.ts';

describe('AppError', () => {
  it('carries kind, message, cause and details', () => {
    const cause = new Error('disk');
    const error = new AppError('busy', 'Wait for the other run.', { cause, details: { pid: 7 } });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'AppError',
      kind: 'busy',
      message: 'Wait for the other run.',
      cause,
      details: { pid: 7 },
    });
  });

  it('has no cause and no details, when none are given', () => {
    const error = new AppError('failed', 'Try again.');
    expect('cause' in error).toBe(false);
    expect(error.details).toEqual({});
  });
});

describe('exitCodeOf', () => {
  it('gives each kind its code', () => {
    const kinds = [
      'failed',
      'usage',
      'incomplete',
      'busy',
      'not-found',
      'damaged',
      'no-key',
      'not-entitled',
    ] as const;
    expect(kinds.map(exitCodeOf)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect((['cancelled', 'unavailable', 'refused'] as const).map(exitCodeOf)).toEqual([1, 1, 1]);
  });
});

describe('hasCode', () => {
  it('is true for a system error with one of the codes alone', () => {
    const error = Object.assign(new Error('no such file'), { code: 'ENOENT' });
    expect(hasCode(error, 'ENOTDIR', 'ENOENT')).toBe(true);
    expect(hasCode(error, 'EACCES')).toBe(false);
    expect(hasCode(new Error('ENOENT'), 'ENOENT')).toBe(false);
    expect(hasCode({ code: 'ENOENT' }, 'ENOENT')).toBe(false);
  });
});

describe('messageOf', () => {
  it('reads errors and anything else thrown', () => {
    expect(messageOf(new Error('full'))).toBe('full');
    expect(messageOf('full')).toBe('full');
    expect(messageOf(undefined)).toBe('undefined');
  });
});
