import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecProcess } from '../../main/trinity/docker/engine-processes.ts';
import { WritingHelper } from '../../main/trinity/helper/writing-helper.ts';

/** The programs that a helper container runs, run here: its places are folders of this machine. */
export function localWriter(): WritingHelper {
  return new WritingHelper({
    place: 'the place',
    start: async (command) => await Promise.resolve(processOf(command)),
    endedEarly: async ({ stderrText }, error) =>
      await Promise.resolve(error ?? new Error(`ended early: ${stderrText()}`)),
    [Symbol.asyncDispose]: async () => await Promise.resolve(),
  });
}

function processOf([program = '', ...rest]: readonly string[]): ExecProcess {
  const child = spawn(program, rest, { stdio: 'pipe' });
  let stderr = '';
  child.stderr.on('data', (part) => (stderr += String(part)));
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close');
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderrText: () => stderr,
    exitCode: async () => {
      await closed;
      return child.exitCode ?? -1;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
