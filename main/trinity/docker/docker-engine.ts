import { parseEngineAddress } from './engine-address.ts';
import { containerCalls, type ContainerCalls } from './engine-containers.ts';
import type { EngineFacts } from './engine-facts.ts';
import { helperCalls, type HelperCalls } from './engine-helpers.ts';
import { imageCalls, type ImageCalls } from './engine-images.ts';
import { processCalls, type ProcessCalls } from './engine-processes.ts';
import { engineShape } from './engine-shapes.ts';
import { openTransport } from './engine-transport.ts';
import { volumeCalls, type VolumeCalls } from './engine-volumes.ts';

/**
 * A Docker engine of this machine. Every call ends by its signal, has a limit for an engine that hangs, and rejects with an `AppError` of
 * one sentence: `unavailable` (no engine, no right, gone midway), `not-found`, `busy` (409), `failed`, `refused`. `details.status` is the
 * engine's own.
 */
export type DockerEngine = ContainerCalls &
  VolumeCalls &
  ImageCalls &
  ProcessCalls &
  HelperCalls &
  Readonly<{
    /** Its address, as in `--docker-host`. */
    host: string;
    ping: (signal: AbortSignal) => Promise<void>;
    facts: (signal: AbortSignal) => Promise<EngineFacts>;
  }>;

/** Nothing is connected yet: each call has a connection of its own, so there is nothing to close. `stallMs` is for most calls. */
export async function openDockerEngine(
  host: string,
  options: Readonly<{ stallMs?: number }> = {},
): Promise<DockerEngine> {
  const transport = await openTransport(parseEngineAddress(host), options.stallMs);
  const own = { ...containerCalls(transport), ...volumeCalls(transport) };
  return {
    ...own,
    ...imageCalls(transport),
    ...processCalls(transport),
    ...helperCalls(transport, own),
    host,
    ping: async (signal) =>
      void (await transport.text({ method: 'GET', path: '/_ping', doing: 'answer' }, signal)),
    facts: async (signal) =>
      await transport.json({ method: 'GET', path: '/info', doing: 'tell of itself' }, engineShape, signal),
  };
}
