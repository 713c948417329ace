import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';

type ForkOptions = Readonly<{ env?: NodeJS.ProcessEnv; serviceName?: string }>;

/** A utility process: Node with `process.parentPort` in place of a channel, which utility-child.ts gives it. */
export const utilityProcess = {
  fork: (file: string, args: readonly string[] = [], { env = {} }: ForkOptions = {}): EventEmitter => {
    const through = process.env['TRINITY_STAND_IN_UTILITY'] ?? '';
    const child = fork(through, [file, ...args], {
      env,
      execArgv: [],
      stdio: 'ignore',
      serialization: 'advanced',
    });
    const utility = new EventEmitter();
    child.once('spawn', () => utility.emit('spawn'));
    child.on('message', (message) => utility.emit('message', message));
    child.once('exit', (code) => utility.emit('exit', code ?? 1));
    return Object.assign(utility, {
      get pid() {
        return child.pid;
      },
      postMessage: (message: unknown) => void child.send(message as object, () => undefined),
      kill: () => child.kill(),
    });
  },
};
