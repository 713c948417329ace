import { parseS3Place } from '../../main/storage/s3/s3-place.ts';
import { createS3Storage, openS3Storage } from '../../main/storage/s3/open-s3-storage.ts';
import type { S3StorageOptions } from '../../main/storage/s3/open-s3-storage.ts';
import type { S3Storage } from '../../main/storage/s3/s3-storage.ts';
import { MemoryS3 } from '../fakes/s3/memory-s3.ts';
import type { MemoryS3Options } from '../fakes/s3/memory-s3.ts';
import { startS3Server } from '../fakes/s3/s3-server.ts';
import type { S3Server } from '../fakes/s3/s3-server.ts';

/** Quick to give up and to settle, but slow machines may be as slow as they like. */
export const quickS3: S3StorageOptions = {
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  firstPauseMs: 1,
  settle: { waitMs: 100, slowMs: 30_000 },
};

export type FakeS3Place = Readonly<{
  store: MemoryS3;
  server: S3Server;
  location: string;
  /** For a new vault. */
  create: () => Promise<S3Storage>;
  /** As another process would open it. */
  open: (options?: S3StorageOptions) => Promise<S3Storage>;
}>;

export type FakeS3 = FakeS3Place & Readonly<{ storage: S3Storage }>;

/** A place on a service in memory, gone after the test, where nothing is. */
export async function fakeS3Place(
  storeOptions: MemoryS3Options = {},
  options: S3StorageOptions = {},
): Promise<FakeS3Place> {
  const store = new MemoryS3(storeOptions);
  const server = await startS3Server(store.backend);
  const location = `s3://bucket/trinity?endpoint=${server.endpoint}`;
  const place = parseS3Place(location);
  const create = async (): Promise<S3Storage> => await createS3Storage(place, { ...quickS3, ...options });
  const open = async (other: S3StorageOptions = {}): Promise<S3Storage> =>
    await openS3Storage(place, { ...quickS3, ...options, ...other });
  return { store, server, location, create, open };
}

/** A storage with the header of a vault on a service in memory, gone after the test. */
export async function fakeS3(
  storeOptions: MemoryS3Options = {},
  options: S3StorageOptions = {},
): Promise<FakeS3> {
  const place = await fakeS3Place(storeOptions, options);
  await (await place.create()).put('vault.json', [Buffer.from('header')]);
  return { ...place, storage: await place.open() };
}
