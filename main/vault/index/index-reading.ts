import { AppError } from '../../../shared/lib/app-error.ts';
import type { Storage, StorageOptions } from '../../storage/storage.ts';
import { maxSealedBytes, openObject } from '../format/sealed-object.ts';
import type { ObjectKeys } from '../format/sealed-object.ts';
import { decodeIndex } from './index-object.ts';
import type { RecordedPack } from './index-object.ts';

/** `packs` are there only of objects that were read just now. */
export type LoadedIndexObject = Readonly<{
  size: number;
  supersedes: readonly string[];
  packIds: readonly string[];
  packs?: () => Iterable<RecordedPack>;
}>;

type Request = Readonly<{
  storage: Storage;
  keys: ObjectKeys;
  /** Objects read before, which are not read again. */
  known: ReadonlyMap<string, LoadedIndexObject>;
  /** Only these names; all that are there when undefined. */
  only?: readonly string[];
  signal: AbortSignal | undefined;
}>;

export type IndexObjects = Readonly<{
  objects: ReadonlyMap<string, LoadedIndexObject>;
  /** There, but named by another as superseded. */
  superseded: readonly string[];
  damaged: readonly string[];
}>;

const attempts = 4;
const atOnce = 8;
const namePattern = /^index\/([0-9a-f]{32})$/;

/** Reads the objects under `index/`. An object that vanishes meanwhile was superseded: the list is taken anew. */
export async function readIndexObjects(request: Request): Promise<IndexObjects> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // An attempt after the other.
      return await readOnce(request);
    } catch (error) {
      if (attempt === attempts || !(error instanceof AppError && error.kind === 'not-found')) {
        throw error;
      }
    }
  }
}

async function readOnce(request: Request): Promise<IndexObjects> {
  const { known, signal } = request;
  const options = signal === undefined ? {} : { signal };
  const names = request.only ?? (await listNames(request.storage, options));
  const superseded = new Set([...known.values()].flatMap((object) => object.supersedes));
  const objects = new Map<string, LoadedIndexObject>();
  const damaged: string[] = [];
  const queue = names.filter((name) => !superseded.has(name));
  const readNext = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      // Several of these loops run at once.
      const object = known.get(name) ?? (await readObject(request, name, options));
      if (object === undefined) {
        damaged.push(name);
      } else {
        objects.set(name, object);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readNext));
  for (const name of [...objects.values()].flatMap((object) => object.supersedes)) {
    superseded.add(name);
    objects.delete(name);
  }
  return { objects, superseded: names.filter((name) => superseded.has(name)), damaged };
}

async function listNames(storage: Storage, options: StorageOptions): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list('index/', options)) {
    const id = namePattern.exec(name)?.[1];
    if (id !== undefined) {
      names.push(id);
    }
  }
  return names;
}

/** Undefined when the object is damaged; what the storage throws goes on. */
async function readObject(
  request: Request,
  name: string,
  options: StorageOptions,
): Promise<LoadedIndexObject | undefined> {
  const sealed = await request.storage.read(`index/${name}`, maxSealedBytes, options);
  try {
    const bytes = openObject({ keys: request.keys, type: 'index', objectId: name }, sealed);
    return { size: sealed.length, ...decodeIndex(bytes) };
  } catch (error) {
    if (error instanceof AppError && error.kind === 'damaged') {
      return undefined;
    }
    throw error;
  }
}
