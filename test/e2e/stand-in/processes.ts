import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { say } from './channel.ts';
import { assertReady } from './system.ts';

type ForkOptions = Readonly<{ env?: NodeJS.ProcessEnv; serviceName?: string }>;

/** A utility process: Node with `process.parentPort` in place of a channel, which utility-child.ts gives it. */
export const utilityProcess = {
  fork: (file: string, args: readonly string[] = [], { env = {} }: ForkOptions = {}): EventEmitter => {
    assertReady('utilityProcess');
    const through = process.env['TRINITY_STAND_IN_UTILITY'] ?? '';
    // Nothing is no environment of its own: then that of the application is inherited.
    const names = Object.keys(env);
    say({ say: 'fact', name: 'childEnvironment', value: names.length === 0 ? 'inherited' : names });
    const child = fork(through, [file, ...args], {
      env: names.length === 0 ? process.env : env,
      // As the application has it: what an archive is.
      execArgv: process.execArgv,
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
