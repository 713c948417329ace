import { describe, expect, it } from 'vitest';
import { sharedDesktopLab } from '../desktop-lab.ts';

const lab = sharedDesktopLab({ isSetUp: false });
const isReal = process.env['TRINITY_E2E_ELECTRON'] === '1';

describe.skipIf(isReal && process.platform === 'linux')('a desktop that is no Linux', () => {
  it('says where backups are made, and ends', async () => {
    const app = lab.start(['--hidden'], isReal ? {} : { TRINITY_STAND_IN_PLATFORM: 'darwin' });
    expect(await app.dialog()).toMatchObject({
      message: 'Trinity Backup cannot start.',
      detail: expect.stringMatching(/^Backups are made on Linux, where Trinity runs/u),
    });
    await app.answerDialog('OK');
    expect(await app.ended).toEqual({ code: 1, signal: null });
  });
});
