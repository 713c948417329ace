import { AppError, type ErrorDetails, messageOf } from '../../../shared/lib/app-error.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { BackendApi, backendPlace, type BackendHealth } from '../../trinity/backend-api.ts';
import { openDockerEngine } from '../../trinity/docker/docker-engine.ts';
import type { ContainerFacts } from '../../trinity/docker/engine-facts.ts';
import { backendContainer } from '../../trinity/docker/find-engine.ts';
import type { InstallEngine, TrinityInstall } from '../../trinity/install.ts';
import { takeEngine } from '../../trinity/quiesce/take-engine.ts';
import { concernedContainers, type Swapped } from './concerned-containers.ts';
import { ContainerHold } from './container-hold.ts';

/** What became of the platform after a swap. */
export type BroughtUp = Readonly<{
  /** Somebody has to start it: it did not run, or we could not start it, or it is not healthy. */
  restartRequired: boolean;
  /** For further calls; undefined unless it is healthy. */
  api: BackendApi | undefined;
  warnings: readonly Finding[];
  notes: readonly Finding[];
}>;

export type PlatformParts = Readonly<{
  install: TrinityInstall;
  home: string;
  now: () => number;
  signal: AbortSignal;
  /** How long the backend is waited for, migrations included. */
  healthLimitMs?: number;
}>;

/** As long as Trinity's own start script waits. */
const usualHealthLimitMs = 180_000;
const lookLimitMs = 30_000;

/** The containers of a live install around one restore. Without an engine nothing is stopped, and nothing is started. */
export class LivePlatform implements AsyncDisposable {
  readonly #parts: PlatformParts;
  readonly #notes: Finding[] = [];
  #lock: AsyncDisposable | undefined;
  #hold: ContainerHold | undefined;

  constructor(parts: PlatformParts) {
    this.#parts = parts;
  }

  /** Stops whoever uses what is to be swapped, until `bringUp` or `putBack`. */
  async stop(swapped: Swapped): Promise<void> {
    const { install, home, now, signal } = this.#parts;
    if (install.engine === undefined) return;
    this.#lock = await takeEngine({ engineId: install.engine.id, now }, signal);
    const engine = await openDockerEngine(install.engine.host);
    const containers = await engine.listContainers({ all: true }, signal);
    const concerned = concernedContainers(containers, swapped, install.projectName);
    const others = concerned.filter(({ isTrinity }) => !isTrinity).map(({ container }) => container.name);
    if (others.length > 0) this.#notes.push(othersNote(others));
    if (concerned.length === 0) return;
    signal.throwIfAborted();
    this.#hold = await ContainerHold.stop(
      engine,
      home,
      concerned.map(({ container }) => container),
    );
  }

  /** Somebody had to be stopped, and is still. */
  get isHolding(): boolean {
    return this.#hold !== undefined;
  }

  /** `failed` when somebody started one of them. */
  async requireDown(): Promise<void> {
    await this.#hold?.requireDown();
  }

  /** After the commit: everything runs as before, and the backend is asked how it is. Never rejects: all is restored by then. */
  async bringUp(): Promise<BroughtUp> {
    const { install } = this.#parts;
    if (install.engine === undefined)
      return { restartRequired: true, api: undefined, warnings: [], notes: [] };
    const problem = await this.#release();
    const warnings: Finding[] =
      problem === undefined ? [] : [{ code: 'not-started', message: messageOf(problem) }];
    const backend = await backendOf(install.engine);
    if (backend?.state !== 'running') {
      const notes = [...this.#notes, startNote(install)];
      return { restartRequired: true, api: undefined, warnings, notes };
    }
    const api = new BackendApi(backendPlace(backend, install.env));
    const health = await this.#health(api);
    if (health.state === 'healthy')
      return { restartRequired: problem !== undefined, api, warnings, notes: this.#notes };
    const why =
      health.state === 'migrating'
        ? `it still has to migrate its database (${health.pending})`
        : health.reason;
    const message = `Everything is restored, but Trinity's backend is not healthy: ${why}. Look into its log with docker logs ${backendContainer}.`;
    warnings.push({ code: 'backend-unhealthy', message });
    return { restartRequired: true, api: undefined, warnings, notes: this.#notes };
  }

  /** After a failure: everything runs as before. Resolves with the error to be thrown, which names what does not come back. */
  async putBack(error: unknown): Promise<unknown> {
    if (isMixed(error) && this.#hold !== undefined) {
      const names = this.#hold.names.join(', ');
      await this.#hold[Symbol.asyncDispose]();
      this.#hold = undefined;
      return new AppError('failed', `${messageOf(error)} Until then ${names} stay down.`, {
        cause: error,
        details: detailsOf(error),
      });
    }
    const problem = await this.#release();
    if (problem === undefined) return error;
    return new AppError('failed', `${messageOf(error)} ${messageOf(problem)}`, {
      cause: error,
      details: { ...detailsOf(error), isNotBack: true },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hold?.[Symbol.asyncDispose]();
    await this.#lock?.[Symbol.asyncDispose]();
  }

  async #release(): Promise<unknown> {
    const hold = this.#hold;
    this.#hold = undefined;
    try {
      const removed = (await hold?.removed()) ?? [];
      if (removed.length > 0) this.#notes.push(removedNote(removed));
      await hold?.bringBack();
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await this.#lock?.[Symbol.asyncDispose]();
      this.#lock = undefined;
    }
  }

  /** Whoever does not want to wait for it is told that nobody did. */
  async #health(api: BackendApi): Promise<BackendHealth> {
    const { signal, healthLimitMs = usualHealthLimitMs } = this.#parts;
    try {
      return await api.healthWithin(healthLimitMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return { state: 'unhealthy', reason: 'nobody waited for it' };
    }
  }
}

/** Undefined also where the engine has gone: then it does not run. */
async function backendOf({ host }: InstallEngine): Promise<ContainerFacts | undefined> {
  try {
    return await (
      await openDockerEngine(host)
    ).inspectContainer(backendContainer, AbortSignal.timeout(lookLimitMs));
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function detailsOf(error: unknown): ErrorDetails {
  return error instanceof AppError ? error.details : {};
}

/** Live data is neither all old nor all new: nobody may start anything on it. */
function isMixed(error: unknown): boolean {
  return error instanceof AppError && error.details['isMixed'] === true;
}

function removedNote(names: readonly string[]): Finding {
  const message = `${names.join(', ')} was removed by somebody during the restore. Start it again in Trinity.`;
  return { code: 'container-removed', message };
}

function othersNote(names: readonly string[]): Finding {
  const message = `${names.join(', ')}, not of Trinity, used what was restored, and was stopped for that time.`;
  return { code: 'others-stopped', message };
}

function startNote({ folder }: TrinityInstall): Finding {
  return {
    code: 'next-step',
    message: `Trinity does not run. Start it with ./scripts/deploy/start.sh in ${folder}.`,
  };
}
