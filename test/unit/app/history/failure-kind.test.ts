import { describe, expect, it } from 'vitest';
import { failureKindOf } from '../../../../main/app/history/failure-kind.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';

describe('failureKindOf', () => {
  it.each([
    [new AppError('unavailable', 'x', { details: { absent: true } }), 'away'],
    [new AppError('failed', 'x', { details: { code: 'ENOSPC' } }), 'full'],
    [new AppError('failed', 'x', { details: { full: true } }), 'full'],
    [new AppError('no-key', 'x'), 'locked'],
    [new AppError('damaged', 'x'), 'damaged'],
    [new AppError('failed', 'x'), 'other'],
    [new Error('x'), 'other'],
  ])('tells what mends %s (case %#)', (error, kind) => {
    expect(failureKindOf(error)).toBe(kind);
  });
});
