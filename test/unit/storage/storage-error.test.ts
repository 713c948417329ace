import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/lib/app-error.ts';
import { storageError, systemCode } from '../../../main/storage/storage-error.ts';

const context = { place: '/mnt/nas', what: 'packs/ab/cd' };

describe('storageError', () => {
  it.each([
    ['ENOSPC', 'failed', 'no room left'],
    ['EACCES', 'failed', 'may not use packs/ab/cd'],
    ['EROFS', 'failed', 'read-only'],
    ['EIO', 'failed', 'reports errors'],
    ['ESTALE', 'unavailable', 'does not answer'],
    ['ELOOP', 'damaged', 'not a plain file'],
    ['EWHATEVER', 'failed', 'EWHATEVER'],
  ])('says what %s means', (code, kind, text) => {
    const cause = Object.assign(new Error(`${code}: …`), { code });
    const error = storageError(cause, context);
    expect(error).toMatchObject({ kind, message: expect.stringContaining(text), cause, details: { code } });
    expect(systemCode(error)).toBe(code);
  });

  it('knows a full quota, which Node has no name for', () => {
    const cause = Object.assign(new Error('?'), { code: 'Unknown system error -122', errno: -122 });
    expect(storageError(cause, context)).toMatchObject({ message: expect.stringContaining('no room left') });
  });

  it('passes on what is no error of the system', () => {
    const own = new AppError('not-found', 'x');
    const bug = new TypeError('x');
    expect(storageError(own, context)).toBe(own);
    expect(storageError(bug, context)).toBe(bug);
  });
});
