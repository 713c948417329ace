import { text } from 'node:stream/consumers';
import { AppError } from '../../shared/lib/app-error.ts';
import { BackendApi, backendPlace } from './backend-api.ts';
import { openDockerEngine, type DockerEngine } from './docker/docker-engine.ts';
import { backendContainer } from './docker/find-engine.ts';
import { operatorQueueCommand } from './helper/helper-program.ts';
import type { TrinityInstall } from './install.ts';

/** One cause in the queue. `since` tells each time that it comes back from the one before. */
export type QueueItem = Readonly<{
  key: string;
  since: string;
  isOpen: boolean;
  priority: 'high' | 'medium' | 'low';
  title: string;
  question: string;
}>;

/** What Trinity shows of a title and of a question. */
const limits = { title: 300, question: 4000 };
const dataTarget = '/data';

/**
 * Opens, updates or closes the item of a cause in Trinity's operator queue: written inside the backend's container, and only while it
 * is healthy. `refused` where this install has no such queue for us, `unavailable` while it cannot be written now.
 */
export async function writeQueueItem(
  install: TrinityInstall,
  item: QueueItem,
  signal: AbortSignal,
): Promise<void> {
  const { engine, database } = await requireQueue(install, signal);
  const input = JSON.stringify({
    key: item.key,
    since: item.since,
    open: item.isOpen,
    priority: item.priority,
    title: item.title.slice(0, limits.title),
    question: item.question.slice(0, limits.question),
    database,
  });
  const request = { command: operatorQueueCommand(), stdin: true, silenceMs: 30_000 };
  await using process = await engine.exec(backendContainer, request, signal);
  // One that ends early reads no more: why is in its exit code.
  process.stdin.on('error', () => undefined);
  process.stdin.end(input);
  const answer = (await text(process.stdout)).trim();
  const code = await process.exitCode();
  if (code === 0 && answer === 'unknown') {
    throw new AppError(
      'refused',
      'The operator queue of this Trinity is not as it is known here: switch it off.',
    );
  }
  if (code === 0) return;
  throw new AppError(
    'unavailable',
    'The operator queue of Trinity could not be written: its database may be locked.',
  );
}

type Queue = Readonly<{ engine: DockerEngine; /** Path in the container. */ database: string }>;

/** Where the queue is, or the sentence that says why it is off. */
export async function requireQueue(install: TrinityInstall, signal: AbortSignal): Promise<Queue> {
  const { database } = install;
  if (install.engine === undefined) {
    throw new AppError(
      'refused',
      'No Docker engine serves this install, so the operator queue cannot be written.',
    );
  }
  if (database.kind !== 'sqlite') {
    throw new AppError(
      'refused',
      'The operator queue is written only where Trinity keeps its data in SQLite.',
    );
  }
  const engine = await openDockerEngine(install.engine.host);
  const container = await engine.inspectContainer(backendContainer, signal);
  if (container?.state !== 'running') {
    throw new AppError(
      'unavailable',
      "Trinity's backend does not run, so the operator queue cannot be written.",
    );
  }
  const health = await new BackendApi(backendPlace(container, install.env)).health(signal);
  if (health.state !== 'healthy') {
    throw new AppError(
      'unavailable',
      "Trinity's backend is not healthy, so the operator queue is not written.",
    );
  }
  return { engine, database: `${dataTarget}/${database.path}` };
}
