import { describe, expect, it } from 'vitest';
import { childEnvironment } from '../../../../main/app/launch/child-environment.ts';

describe('childEnvironment', () => {
  it('holds nothing of ours, and is never empty', () => {
    expect(childEnvironment({ TRINITY_BACKUP_PASSPHRASE: 'secret', PATH: '/bin' })).toEqual({
      TRINITY_BACKUP_CHILD: '1',
    });
  });

  it('holds what Windows starts nothing without', () => {
    expect(childEnvironment({ SystemRoot: 'C:\\Windows', USERNAME: 'me' })).toEqual({
      TRINITY_BACKUP_CHILD: '1',
      SystemRoot: 'C:\\Windows',
    });
  });
});
