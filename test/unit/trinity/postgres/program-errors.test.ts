import { describe, expect, it } from 'vitest';
import { saidBy } from '../../../../main/trinity/postgres/program-errors.ts';

describe('saidBy', () => {
  it('repeats the first complaint, without what stood in a row', () => {
    const stderr = [
      'pg_restore: warning: something',
      'pg_restore: error: COPY failed for table "users": ERROR:  invalid input syntax for type integer: "sk-secret"',
      'CONTEXT:  COPY users, line 1, column id: "sk-secret"',
    ].join('\n');
    expect(saidBy(stderr, [])).toBe(
      'COPY failed for table "users": ERROR:  invalid input syntax for type integer',
    );
  });

  it('says nothing for nothing, and hides a password', () => {
    expect(saidBy(' \n', [])).toBeUndefined();
    expect(saidBy('psql: error: hush is wrong', ['hush'])).toBe('… is wrong');
  });
});
