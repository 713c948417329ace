import { describe, expect, it, onTestFinished } from 'vitest';
import { TrayController } from '../../../../main/app/tray/tray-controller.ts';
import { Pause, sharedLab } from '../../../helpers/command-lab.ts';
import { RunningApplication, useHere } from '../../../helpers/running-application.ts';

const shared = sharedLab();

describe('TrayController', () => {
  it('goes from the run to what came of it, without a word of what was before', async () => {
    const lab = await shared().copy();
    await lab.json(['settings', 'set', 'enabled', 'false']);
    const pause = new Pause(lab.base, { operation: 'put', prefix: 'packs/' });
    useHere(pause, lab);
    const app = await RunningApplication.start(lab);
    const shown: string[] = [];
    const tray = new TrayController(app.application, { show: ({ tooltip }) => void shown.push(tooltip) });
    onTestFinished(async () => await tray[Symbol.asyncDispose]());
    const untilShown = async (start: string): Promise<void> =>
      await app.until(async () => {
        await app.clock.advance(1000);
        return shown.at(-1)?.startsWith(start) === true;
      });
    await untilShown('Ready for the first backup.');
    const running = app.run('backup', {});
    await pause.reached();
    await untilShown('Backing up');
    pause.goOn();
    await running;
    await untilShown('Backed up just now');
    expect(shown.filter((sentence) => sentence === 'Ready for the first backup.')).toHaveLength(1);
    // What it shows is what every other door says.
    expect(shown.at(-1)).toBe((await app.run('status', {})).sentence);
  });
});
