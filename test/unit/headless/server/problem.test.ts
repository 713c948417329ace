import { describe, expect, it } from 'vitest';
import { AppError, errorKinds } from '../../../../shared/lib/app-error.ts';
import { problemOf, withoutPaths } from '../../../../main/headless/server/problem.ts';

describe('problemOf', () => {
  it.each(errorKinds)('has a status for errors of the kind %s', (kind) => {
    const { status, title } = problemOf(new AppError(kind, 'A sentence.'));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title).not.toBe('Error');
  });

  it('names the entitlement that is missing', () => {
    const error = new AppError('not-entitled', 'No.', { details: { entitlement: 'backup', feature: 'x' } });
    expect(problemOf(error)).toMatchObject({ status: 403, entitlement: 'backup' });
  });
});

describe('withoutPaths', () => {
  it.each([
    ['The vault is not at /mnt/backup/trinity now.', 'The vault is not at … now.'],
    ['/srv/x: cannot be read', '…: cannot be read'],
    ['it lies in "/a/b c", or there', 'it lies in "… c", or there'],
    ['(/home/me/.config)', '(…)'],
    ['at s3://bucket/prefix?endpoint=x, and unix:///var/run/docker.sock', 'at …, and …'],
    ['Choose 1/2 of them, and/or more.', 'Choose 1/2 of them, and/or more.'],
    ['memory/agent-one/notes.txt is damaged', 'memory/agent-one/notes.txt is damaged'],
  ])('takes what tells of the host out of %j', (text, left) => {
    expect(withoutPaths(text)).toBe(left);
  });
});
