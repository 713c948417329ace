import { describe, expect, it } from 'vitest';
import { changedValues } from '../../../../../renderer/features/first-run/restore-door/host-values.ts';

const known = [
  { key: 'FRONTEND_PORT', value: '80' },
  { key: 'PUBLIC_CHAT_URL', value: 'http://old' },
  { key: 'DATABASE_URL', value: null },
];

describe('values of a new host', () => {
  it('are those that were changed, and what is left empty where it was', () => {
    const typed = { FRONTEND_PORT: ' 80', PUBLIC_CHAT_URL: '', DATABASE_URL: '', HOME: '/root' };
    expect(changedValues(known, typed)).toEqual({ PUBLIC_CHAT_URL: '' });
    expect(changedValues(known, { FRONTEND_PORT: '8080', DATABASE_URL: 'postgresql://x' })).toEqual({
      FRONTEND_PORT: '8080',
      DATABASE_URL: 'postgresql://x',
    });
    expect(changedValues(known, {})).toEqual({});
  });
});
