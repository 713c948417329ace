import { describe, expect, it } from 'vitest';
import { whyNoDesktop } from '../../../build/why-no-desktop.ts';

const display = { name: ':0', answers: true };
const here = { platform: 'linux', display, uid: 1000, electron: '/electron' } as const;

describe('whyNoDesktop', () => {
  it('starts where there is a display and Electron', () => {
    expect(whyNoDesktop(here)).toBeUndefined();
    expect(whyNoDesktop({ ...here, platform: 'darwin', display: undefined })).toBeUndefined();
  });

  it('says what is missing', () => {
    expect(whyNoDesktop({ ...here, display: undefined })).toBe('There is no display here');
    expect(whyNoDesktop({ ...here, display: { ...display, answers: false } })).toBe(
      'The display :0 does not answer',
    );
    expect(whyNoDesktop({ ...here, display: { ...display, isClosed: true } })).toBe(
      'The display :0 lets no program of this user in',
    );
    expect(whyNoDesktop({ ...here, uid: 0 })).toBe('The desktop application does not run as root');
    expect(whyNoDesktop({ ...here, electron: undefined })).toMatch(/^The program of Electron is not here/u);
  });
});
