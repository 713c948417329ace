import type { App } from 'electron';
import { runGuard } from '../backup/guard/run-guard.ts';

/**
 * This executable as the guard of containers: no window, no lock of the single instance, nothing of a desktop, so that it outlives the
 * session that it was started in. Its command line switches all of Chromium off that can be (main/desktop/processes.ts).
 */
export function startAsGuard(app: App, args: readonly string[]): void {
  app.disableHardwareAcceleration();
  app.on('window-all-closed', () => undefined);
  // macOS would show it beside the application, as another one.
  if (process.platform === 'darwin') app.once('ready', () => app.setActivationPolicy('prohibited'));
  void runGuard(args).finally(() => app.exit(Number(process.exitCode ?? 0)));
}
