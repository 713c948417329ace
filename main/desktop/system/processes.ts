import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, utilityProcess } from 'electron';
import { childEnvironment } from '../../app/launch/child-environment.ts';
import { guardCommandOf, type OwnFacts } from '../../app/launch/own-command.ts';
import { useOwnProcesses } from '../../platform/own-processes.ts';

/** What this process was started as. */
export function ownFacts(): OwnFacts {
  return {
    execPath: process.execPath,
    appPath: app.getAppPath(),
    isPackaged: app.isPackaged,
    appImage: process.env['APPIMAGE'],
    argv: process.argv,
  };
}

/**
 * Electron is no Node for others (its fuse RunAsNode is off): what ends with us is a utility process, and the guard is this executable once
 * more.
 */
export function startProcessesByElectron(homeFolder: string): void {
  useOwnProcesses({
    startChild: (entry) => {
      const child = utilityProcess.fork(fileURLToPath(entry), [], {
        env: childEnvironment(process.env),
        stdio: 'ignore',
        serviceName: 'Trinity Backup database copy',
      });
      // What V8 could not go on from: it ends, which is all that concerns us. Unheard, it would end the application.
      child.on('error', () => undefined);
      const gone = Promise.withResolvers<void>();
      child.once('exit', () => gone.resolve());
      return {
        send: (message) => child.postMessage(message),
        onMessage: (listener) => void child.on('message', listener),
        gone: gone.promise,
        kill: () => {
          // `kill` of Electron is a request, and SQLite may not listen for hours.
          if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
          else child.once('spawn', () => child.kill());
        },
        hold: () => undefined,
      };
    },
    guardCommand: () => guardCommandOf(ownFacts(), path.join(homeFolder, 'desktop', 'guard')),
    guardEnvironment: [],
  });
}
