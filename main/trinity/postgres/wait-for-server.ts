import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { openDockerEngine } from '../docker/docker-engine.ts';
import type { PostgresPlace } from './postgres-server.ts';

const pollMs = 500;
const askSilenceMs = 60_000;

/**
 * Waits until a server answers over its network too, for `limitMs` at most. While its image makes a new cluster a first one serves the
 * socket alone, and ends when that is done: what was loaded into it meanwhile would be cut off.
 */
export async function waitForServer(
  { host, container, port }: PostgresPlace,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const engine = await openDockerEngine(host);
  const deadline = performance.now() + limitMs;
  const command = ['pg_isready', '-q', '-h', '127.0.0.1', '-p', String(port), '-t', '5'];
  for (;;) {
    const facts = await engine.inspectContainer(container, signal);
    if (facts?.state !== 'running') {
      throw new AppError(
        'unavailable',
        `The container ${container} does not run. Look into its log, then try again.`,
      );
    }
    await using process = await engine.exec(container, { command, silenceMs: askSilenceMs }, signal);
    for await (const _ of process.stdout);
    if ((await process.exitCode()) === 0) return;
    if (performance.now() > deadline) {
      const message = `The Postgres server in ${container} does not answer on port ${String(port)}. Look into its log, then try again.`;
      throw new AppError('unavailable', message);
    }
    await delay(pollMs, undefined, { signal });
  }
}
