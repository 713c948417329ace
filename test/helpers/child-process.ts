import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export type ChildOutcome = Readonly<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;

export interface Child {
  /** The next line of its output; rejects when it has ended without one. */
  line(): Promise<string>;
  kill(): Promise<void>;
  outcome(): Promise<ChildOutcome>;
}

/** Starts a built `.child.js` entry (see threadEntry); it does not outlive the test. */
export function startChild(entry: URL, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Child {
  const child = spawn(process.execPath, [fileURLToPath(entry), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return {
    kill,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`the child has ended: ${stderr}`);
      return next.value;
    },
    outcome: async () => {
      await ended;
      return { code: child.exitCode, signal: child.signalCode, stderr };
    },
  };
}
