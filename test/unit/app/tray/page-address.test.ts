import { describe, expect, it } from 'vitest';
import { addressOfAction } from '../../../../main/app/tray/page-address.ts';

const show = (input: Readonly<Record<string, string>>) =>
  addressOfAction({ label: 'Show', operation: 'show', input });

describe('addressOfAction', () => {
  it('leads to the page that an action names, with what it is to show', () => {
    expect(show({ page: 'storage' })).toBe('#/storage');
    expect(show({ page: 'backup', backupId: '0123456789ab' })).toBe('#/history?backup=0123456789ab');
    expect(show({ page: 'of a newer version' })).toBe('#/overview');
  });

  it('leads to what finishes an install, since there may be a next step', () => {
    expect(addressOfAction({ label: 'Finish', operation: 'finish', input: {} })).toBe('#/setup?finish=yes');
  });

  it('leads nowhere for an action that does something', () => {
    expect(addressOfAction({ label: 'Retry', operation: 'backup', input: {} })).toBeUndefined();
  });
});
