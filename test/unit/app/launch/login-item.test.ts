import { describe, expect, it } from 'vitest';
import { isStartedAtLogin, loginItemOf } from '../../../../main/app/launch/login-item.ts';

describe('loginItemOf', () => {
  it('starts what runs now, without a window', () => {
    expect(loginItemOf(['C:\\Trinity Backup.exe'])).toEqual({
      path: 'C:\\Trinity Backup.exe',
      args: ['--hidden'],
    });
    expect(loginItemOf(['/electron', '/src', '--home', '/other'])).toEqual({
      path: '/electron',
      args: ['/src', '--home', '/other', '--hidden'],
    });
  });
});

describe('isStartedAtLogin', () => {
  it('is off where nobody has set it, and where it was switched off in the settings of Windows', () => {
    expect(isStartedAtLogin({ openAtLogin: true, executableWillLaunchAtLogin: true })).toBe(true);
    expect(isStartedAtLogin({ openAtLogin: true })).toBe(true);
    expect(isStartedAtLogin({ openAtLogin: false, executableWillLaunchAtLogin: true })).toBe(false);
    expect(isStartedAtLogin({ openAtLogin: true, executableWillLaunchAtLogin: false })).toBe(false);
  });
});
