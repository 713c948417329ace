import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A child of ours that is spoken to in messages, and ends with us. */
export type MessageChild = Readonly<{
  /** One that is gone hears nothing. */
  send: (message: unknown) => void;
  onMessage: (listener: (message: unknown) => void) => void;
  /** Resolves when it has ended, or could not be started. */
  gone: Promise<void>;
  /** At once, whatever it does. */
  kill: () => void;
  /** Whether it keeps this process alive. */
  hold: (isHeld: boolean) => void;
}>;

/** How this process starts others of ours. */
export type OwnProcesses = Readonly<{
  /** Runs a built file (see threadEntry) with nothing of our environment. */
  startChild: (entry: URL) => MessageChild;
  /** The command line of the guard, which survives us: its own arguments follow. `entry` is its file. */
  guardCommand: (entry: URL) => readonly string[];
  /** Beside what the guard needs itself. */
  guardEnvironment: readonly string[];
}>;

const nodeProcesses: OwnProcesses = {
  startChild: (entry) => {
    // No secret of ours stands in its environment, and nothing of the job in its command line.
    const child = fork(entry, [], { env: {}, execArgv: [], stdio: 'ignore' });
    const gone = Promise.withResolvers<void>();
    child.once('exit', () => gone.resolve());
    // A child that could not be started never exits.
    child.on('error', () => child.pid === undefined && gone.resolve());
    return {
      // A message that does not arrive means a child that is gone: its end says so.
      send: (message) => void child.send(message as object, () => undefined),
      onMessage: (listener) => void child.on('message', listener),
      gone: gone.promise,
      kill: () => void child.kill('SIGKILL'),
      hold: (isHeld) => {
        child[isHeld ? 'ref' : 'unref']();
        child.channel?.[isHeld ? 'ref' : 'unref']();
      },
    };
  },
  guardCommand: (entry) => [process.execPath, fileURLToPath(entry)],
  guardEnvironment: ['TRINITY_THREAD_ENTRIES'],
};

let used = nodeProcesses;

/** A host that is not plain Node says, first of all, how its processes are started. */
export function useOwnProcesses(processes: OwnProcesses): void {
  used = processes;
}

export function ownProcesses(): OwnProcesses {
  return used;
}
