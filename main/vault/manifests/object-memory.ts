import type { ObjectInfo } from '../../storage/storage.ts';

/** `isSettled`: it will be the same as long as the object is. A read that failed may go well the next time. */
export type ReadObject<Found> = Readonly<{ found: Found; isSettled: boolean }>;

type Remembered<Found> = Readonly<{ size: number; modifiedMs: number; found: Found }>;

const readsAtOnce = 8;

/** What was read of small objects, which are read again only when they have changed. */
export class ObjectMemory<Found> {
  readonly #remembered = new Map<string, Remembered<Found>>();

  /** What is found of each, in their order. Those that are not among them are forgotten. */
  async readAll(
    objects: readonly ObjectInfo[],
    read: (name: string) => Promise<ReadObject<Found>>,
  ): Promise<readonly Found[]> {
    const results: Found[] = [];
    const queue = objects.entries();
    const work = async (): Promise<void> => {
      for (const [index, info] of queue) results[index] = await this.#readRemembered(info, read);
    };
    await Promise.all(Array.from({ length: readsAtOnce }, work));
    const names = new Set(objects.map(({ name }) => name));
    for (const name of this.#remembered.keys()) if (!names.has(name)) this.#remembered.delete(name);
    return results;
  }

  async #readRemembered(
    { name, size, modifiedMs }: ObjectInfo,
    read: (name: string) => Promise<ReadObject<Found>>,
  ): Promise<Found> {
    const known = this.#remembered.get(name);
    if (known?.size === size && known.modifiedMs === modifiedMs) return known.found;
    const { found, isSettled } = await read(name);
    if (isSettled) this.#remembered.set(name, { size, modifiedMs, found });
    return found;
  }
}
