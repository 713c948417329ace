import { describe, expect, it } from 'vitest';
import { sharedDesktopLab } from '../desktop-lab.ts';

const lab = sharedDesktopLab({ isSetUp: false });

describe('the start that only looks whether all is there', () => {
  it('opens no window and ends well', async () => {
    const app = lab.start(['--smoke']);
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(app.isWindowOpen()).toBe(false);
  });
});
