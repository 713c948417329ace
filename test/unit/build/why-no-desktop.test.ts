import { describe, expect, it } from 'vitest';
import { whyNoDesktop } from '../../../build/why-no-desktop.ts';

const here = { platform: 'linux', env: { DISPLAY: ':0' }, uid: 1000, electron: '/electron' } as const;

describe('whyNoDesktop', () => {
  it('starts where there is a display and Electron', () => {
    expect(whyNoDesktop(here)).toBeUndefined();
    expect(whyNoDesktop({ ...here, env: { WAYLAND_DISPLAY: 'wayland-0' } })).toBeUndefined();
    expect(whyNoDesktop({ ...here, platform: 'darwin', env: {} })).toBeUndefined();
  });

  it('says what is missing', () => {
    expect(whyNoDesktop({ ...here, env: { DISPLAY: '' } })).toBe('There is no display here');
    expect(whyNoDesktop({ ...here, uid: 0 })).toBe('The desktop application does not run as root');
    expect(whyNoDesktop({ ...here, electron: undefined })).toMatch(/^The program of Electron is not here/u);
  });
});
