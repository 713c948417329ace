import { app } from 'electron';
import { autostartFile, isAutostarted, setAutostart } from '../../app/launch/autostart-file.ts';
import { isStartedAtLogin, loginItemOf } from '../../app/launch/login-item.ts';
import { loginCommand } from '../../app/launch/own-command.ts';
import type { DesktopPort } from '../../app/desktop-port.ts';
import { ownFacts } from './processes.ts';

type LoginItem = Pick<DesktopPort, 'startsAtLogin' | 'startAtLogin'>;

/** Start at login on this home, in the way of each system. */
export function loginItem(homeFolder: string): LoginItem {
  const command = loginCommand(ownFacts(), homeFolder, process.env);
  return process.platform === 'linux' ? linuxItem(command) : systemItem(command);
}

/** Whether the system has started this, where it cannot say so by an argument: macOS takes none. */
export function wasStartedAtLogin(): boolean {
  return process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
}

function linuxItem(command: readonly string[]): LoginItem {
  const file = autostartFile(process.env);
  return {
    startsAtLogin: async () => await isAutostarted(file),
    startAtLogin: async (isOn) => await setAutostart(file, isOn, command),
  };
}

function systemItem(command: readonly string[]): LoginItem {
  const item = loginItemOf(command);
  return {
    startsAtLogin: async () => await Promise.resolve(isStartedAtLogin(app.getLoginItemSettings(item))),
    startAtLogin: async (isOn) => {
      app.setLoginItemSettings({ openAtLogin: isOn, ...item });
      await Promise.resolve();
    },
  };
}
