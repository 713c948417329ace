import { describe, expect, it } from 'vitest';
import { isGranted } from '../../../../main/app/pages/page-permissions.ts';

const copying = {
  permission: 'clipboard-sanitized-write',
  requestingUrl: 'app://trinity/#/history',
  isMainFrame: true,
};

describe('isGranted', () => {
  it('lets our own page copy text', () => {
    expect(isGranted(copying)).toBe(true);
  });

  it.each([
    'clipboard-read',
    'media',
    'geolocation',
    'notifications',
    'openExternal',
    'fullscreen',
    'fileSystem',
    'unknown',
  ])('grants nobody %s', (permission) => {
    expect(isGranted({ ...copying, permission })).toBe(false);
  });

  it('grants nothing to others', () => {
    expect(isGranted({ ...copying, isMainFrame: false })).toBe(false);
    expect(isGranted({ ...copying, requestingUrl: 'https://evil.example/' })).toBe(false);
    expect(isGranted({ ...copying, requestingUrl: '' })).toBe(false);
  });
});
