import { BaseWindow, powerMonitor, powerSaveBlocker } from 'electron';

/** What the application is told of the machine. */
export type PowerListener = Readonly<{
  sleeping: () => void;
  wake: () => void;
  /** The session or the machine ends: resolves when we are ready for it. */
  sessionEnding: () => void;
}>;

export function watchPower({ sleeping, wake, sessionEnding }: PowerListener): void {
  powerMonitor.on('suspend', sleeping);
  powerMonitor.on('resume', wake);
  // Its types leave the event out, which holds the end up where the system lets us.
  powerMonitor.on('shutdown', ((event: Readonly<{ preventDefault: () => void }>) => {
    event.preventDefault();
    sessionEnding();
  }) as () => void);
  if (process.platform === 'win32') listenOnWindows(sessionEnding);
}

/** Windows tells its windows alone, and asks them first; this one is there without being seen, also where no other is open. */
function listenOnWindows(sessionEnding: () => void): void {
  const ear = new BaseWindow({ show: false, skipTaskbar: true, focusable: false });
  ear.on('query-session-end', (event) => {
    event.preventDefault();
    sessionEnding();
  });
}

/** Keeps the machine from falling asleep by itself until it is disposed; the display may. */
export function holdAwake(): Disposable {
  const id = powerSaveBlocker.start('prevent-app-suspension');
  return { [Symbol.dispose]: () => void powerSaveBlocker.stop(id) };
}
