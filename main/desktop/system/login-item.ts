import { app } from 'electron';
import { autostartFile, isAutostarted, setAutostart } from '../../app/launch/autostart-file.ts';
import { hiddenFlag } from '../../app/launch/launch.ts';
import { ownCommand } from '../../app/launch/own-command.ts';
import type { DesktopPort } from '../../app/desktop-port.ts';
import { ownFacts } from './processes.ts';

type LoginItem = Pick<DesktopPort, 'startsAtLogin' | 'startAtLogin'>;

/** Start at login, in the way of each system. */
export function loginItem(): LoginItem {
  return process.platform === 'linux' ? linuxItem : systemItem;
}

const linuxItem: LoginItem = {
  startsAtLogin: async () => await isAutostarted(autostartFile(process.env)),
  startAtLogin: async (isOn) => await setAutostart(autostartFile(process.env), isOn, ownCommand(ownFacts())),
};

const systemItem: LoginItem = {
  startsAtLogin: async () =>
    await Promise.resolve(app.getLoginItemSettings({ args: [hiddenFlag] }).openAtLogin),
  startAtLogin: async (isOn) => {
    app.setLoginItemSettings({ openAtLogin: isOn, args: [hiddenFlag] });
    await Promise.resolve();
  },
};
