import { randomBytes } from 'node:crypto';
import { AppError, messageOf } from '../../../shared/lib/app-error.ts';
import { tryLockMachine } from '../../platform/machine-lock.ts';
import { openDockerEngine, type DockerEngine } from '../docker/docker-engine.ts';
import type { HelperMount } from '../docker/engine-helpers.ts';
import { VolumeArchive } from '../archive/volume-archive.ts';
import type { InstallEngine } from '../install.ts';
import { helperImages } from './helper-images.ts';
import { HelperTreeAccess } from './helper-tree-access.ts';
import type { RealPlace } from './real-place.ts';
import { removeQuietly, startHelper } from './start-helper.ts';
import { WritingHelper } from './writing-helper.ts';

/** The label of every helper; its value names the run, whose lock tells whether that lives. */
export const runLabel = 'trinity-backup.helper';

/** A tree that only a container can reach. */
export type HelperTarget = Readonly<{
  /** `volume`: of this name. `bind`: a folder of the engine's host. */
  kind: HelperMount['kind'];
  source: string;
  /** Ids of containers whose images are tried first: the agent's own. */
  containers: readonly string[];
  /** Links in its root that count as the files that they lead to: each by its name, the folder to mount for it, and the path below. */
  follow?: readonly (RealPlace & Readonly<{ name: string }>)[];
}>;

/** What a helper writes into, and where that is for its program. */
export type WritePlace = Readonly<{ target: HelperTarget; at: `/${string}` }>;

/**
 * The helpers of one run: a container for each tree, only for as long as that is read, since nobody can remove a volume meanwhile. What
 * earlier runs left, of whatever home, goes before the first one begins.
 */
export class VolumeHelpers implements AsyncDisposable {
  readonly #install: Pick<InstallEngine, 'host'>;
  readonly #run = randomBytes(6).toString('hex');
  readonly #open = new Set<string>();
  #engine: DockerEngine | undefined;
  #lock: AsyncDisposable | undefined;

  constructor(install: Pick<InstallEngine, 'host'>) {
    this.#install = install;
  }

  /** Starts a helper for one tree; it is gone when what this gives is disposed. Rejects with one sentence on what is missing. */
  async open(target: HelperTarget, signal: AbortSignal): Promise<HelperTreeAccess> {
    const links = (target.follow ?? []).map(({ folder }, index) =>
      mountOf({ kind: 'bind', source: folder, containers: [] }, followedAt(index), false),
    );
    const mounts = [mountOf(target, '/tree', false), ...links];
    return await this.#openAny(target, { mounts, writes: false }, signal);
  }

  /** The same for one that writes, into any number of places; the first is the one that errors name. */
  async openToWrite(
    places: readonly [WritePlace, ...WritePlace[]],
    signal: AbortSignal,
  ): Promise<WritingHelper> {
    const mounts = places.map(({ target, at }) => mountOf(target, at, true));
    return new WritingHelper(await this.#openAny(places[0].target, { mounts, writes: true }, signal));
  }

  /** Where no image can run: a way to write a new volume without one. */
  async openArchive(volume: string, signal: AbortSignal): Promise<VolumeArchive> {
    const engine = await this.#begin(signal);
    return await VolumeArchive.open({ engine, volume, labels: { [runLabel]: this.#run }, signal });
  }

  async #openAny(
    target: HelperTarget,
    { mounts, writes }: Readonly<{ mounts: readonly HelperMount[]; writes: boolean }>,
    signal: AbortSignal,
  ): Promise<HelperTreeAccess> {
    const engine = await this.#begin(signal);
    await this.#requireTarget(engine, target, signal);
    const problems: string[] = [];
    for await (const image of helperImages(engine, target.containers, signal)) {
      try {
        const labels = { [runLabel]: this.#run };
        const helper = await startHelper({ engine, image, labels, mounts, writes, signal });
        this.#open.add(helper.id);
        return new HelperTreeAccess({
          engine,
          container: helper.id,
          place: placeText(target),
          follow: followedBy(target),
          writes,
          end: async () => {
            await helper[Symbol.asyncDispose]();
            this.#open.delete(helper.id);
          },
        });
      } catch (error) {
        signal.throwIfAborted();
        if (!isOfImage(error)) throw error;
        problems.push(`${image}: ${messageOf(error)}`);
      }
    }
    throw noImage(target, problems, writes);
  }

  /** Removes what dead runs left, also where this one needs no helper. What is wrong with the engine others will say. */
  async sweep(signal: AbortSignal): Promise<void> {
    try {
      await this.#begin(signal);
    } catch {
      // It is tried again before the first helper, where it counts.
    }
  }

  /** Whatever is still there of this run goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    const engine = this.#engine;
    if (engine !== undefined) {
      for (const id of this.#open) await removeQuietly(engine, id);
    }
    await this.#lock?.[Symbol.asyncDispose]();
  }

  async #begin(signal: AbortSignal): Promise<DockerEngine> {
    if (this.#engine === undefined) {
      const engine = await openDockerEngine(this.#install.host);
      // Before the first container is there: whoever sweeps must know at any moment that this run lives.
      this.#lock ??= await tryLockMachine(lockName(this.#run));
      await sweepHelpers(engine, signal);
      this.#engine = engine;
    }
    return this.#engine;
  }

  async #requireTarget(
    engine: DockerEngine,
    { kind, source }: HelperTarget,
    signal: AbortSignal,
  ): Promise<void> {
    if (kind === 'bind' || (await engine.inspectVolume(source, signal)) !== undefined) return;
    throw new AppError('not-found', `The volume ${source} has gone meanwhile. Run the backup again.`);
  }
}

/** Removes helpers whose run is dead; those of runs that live, of whatever home, stay. */
export async function sweepHelpers(engine: DockerEngine, signal: AbortSignal): Promise<void> {
  const found = await engine.listContainers({ labels: { [runLabel]: undefined }, all: true }, signal);
  const runs = Map.groupBy(found, ({ labels }) => labels[runLabel] ?? '');
  for (const [run, helpers] of runs) {
    await using lock = await tryLockMachine(lockName(run));
    if (lock === undefined) continue;
    for (const { id } of helpers) await engine.removeContainer(id, signal);
  }
}

function followedAt(index: number): string {
  return `/followed/${String(index)}`;
}

/** Where a helper finds what each link leads to. */
function followedBy({ follow = [] }: HelperTarget): Readonly<Record<string, string>> {
  return Object.fromEntries(follow.map(({ name, file }, index) => [name, `${followedAt(index)}/${file}`]));
}

function lockName(run: string): string {
  return `helpers:${run}`;
}

function mountOf({ kind, source }: HelperTarget, target: string, writable: boolean): HelperMount {
  return { kind, source, target, writable };
}

/** Its name for people. */
export function placeText({ kind, source }: HelperTarget): string {
  return kind === 'volume' ? `the volume ${source}` : source;
}

/** Whether another image may do better. */
function isOfImage(error: unknown): boolean {
  return error instanceof AppError && error.details['ofImage'] === true;
}

function noImage(target: HelperTarget, problems: readonly string[], writes: boolean): AppError {
  const tried = problems.length === 0 ? 'there is none' : `tried: ${problems.join(' ')}`;
  const [what, again] = writes ? ['write', 'try again'] : ['read', 'run the backup again'];
  const message = `No image on this engine can ${what} ${placeText(target)} (${tried}). Build or load trinity-agent-base, then ${again}.`;
  return new AppError('unavailable', message, { details: { noImage: true } });
}
