import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ListingRoot } from '../../../shared/model/manifest.ts';
import { footerPlaintext, recordInPack } from '../../../main/vault/chunks/pack-footer.ts';
import { encodeTrailer } from '../../../main/vault/chunks/pack-footer.ts';
import type { PackRecord } from '../../../main/vault/chunks/pack-record.ts';
import { withChecksum } from '../../../main/vault/format/checked-json.ts';
import { sealObject } from '../../../main/vault/format/sealed-object.ts';
import type { SealedType } from '../../../main/vault/format/sealed-object.ts';
import { decodeIndex, encodeIndex } from '../../../main/vault/index/index-object.ts';
import { newRecoveryKey } from '../../../main/vault/keys/recovery-key.ts';
import { createVaultKeys, unlockVault } from '../../../main/vault/keys/vault-keys.ts';
import { ByteWriter } from '../../../main/vault/listing/byte-writer.ts';
import { ExtentList } from '../../../main/vault/listing/extent-list.ts';
import { openListing } from '../../../main/vault/listing/open-listing.ts';
import { readPageMap, writePageMap } from '../../../main/vault/listing/page-map.ts';
import { encodeRoot } from '../../../main/vault/listing/root-codec.ts';
import { readLock, renderLockRecord } from '../../../main/vault/locks/lock-record.ts';
import { ManifestStore } from '../../../main/vault/manifests/manifest-store.ts';
import { listPins } from '../../../main/vault/manifests/pins.ts';
import { listProofs } from '../../../main/vault/manifests/proofs.ts';
import { encodeTrashRecord } from '../../../main/vault/manifests/trash-record.ts';
import { DamageList } from '../../../main/vault/upkeep/damage-list.ts';
import { loadDoomed } from '../../../main/vault/upkeep/doomed-packs.ts';
import { storeRootBytes } from '../../fakes/built-listing.ts';
import { MemoryChunks } from '../../fakes/memory-chunks.ts';
import { MemoryStorage } from '../../fakes/memory-storage.ts';
import { createTestManifest } from '../../fakes/test-manifest.ts';
import { createTestRing } from '../../fakes/test-ring.ts';

const ring = createTestRing();
const keys = ring.objectKeys;
const backupId = '0123456789ab';
/** The same in every run: one that fails must not be another's bad luck. */
const seed = 20_261_122;

/** Puts the plaintext into a vault, sealed as a holder of the keys can, and runs what reads it there. */
async function sealedIn(
  type: SealedType,
  name: string,
  plaintext: Uint8Array,
  read: (storage: MemoryStorage) => Promise<unknown>,
): Promise<void> {
  const storage = new MemoryStorage();
  const objectId = name.slice(name.lastIndexOf('/') + 1);
  storage.setBytes(name, sealObject({ keys, type, objectId }, plaintext));
  await read(storage);
}

async function listAndLoad(storage: MemoryStorage): Promise<void> {
  const store = new ManifestStore(storage, () => keys);
  const { manifests } = await store.list();
  for (const { trashedAtMs = 0 } of manifests) new Date(trashedAtMs).toISOString();
  await store.load(backupId);
}

async function showProofs(storage: MemoryStorage): Promise<void> {
  const times = (await listProofs(storage, keys)).flatMap(({ provenAtMs }) => Object.values(provenAtMs));
  times.forEach((ms) => new Date(ms).toISOString());
}

/** Whatever it does with the bytes: throwing anything but `damaged` fails the test. */
type Reader = (bytes: Buffer) => unknown;

async function expectRefusedOrRead(read: Reader, bytes: Buffer): Promise<void> {
  try {
    await read(bytes);
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'damaged') throw error;
  }
}

const record: PackRecord = {
  class: 'data',
  writerGeneration: 3,
  chunks: [1, 2, 3].map((byte) => ({
    id: Buffer.alloc(32, byte),
    sealedLength: 128,
    rawLength: 100,
    generation: 1,
    codec: 'raw',
  })),
};

function packWithFooter(footer: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(384), footer, encodeTrailer(footer.length, Buffer.alloc(16))]);
}

function pageMap(): Buffer {
  const writer = new ByteWriter();
  const extents = new ExtentList();
  extents.push(0, 0, 4096);
  extents.push(1, 100, 4096);
  writePageMap(writer, { pageSize: 4096, pageCount: 2, hashes: Buffer.alloc(32, 5), extents });
  return Buffer.from(writer.written);
}

const rootData = {
  table: { count: 1, ids: Buffer.alloc(32, 2), lengths: Uint32Array.of(5), used: Uint32Array.of(5) },
  blocks: [
    { id: Buffer.alloc(32, 1), bytes: 10, entries: 1, firstPath: Buffer.alloc(0) },
    { id: Buffer.alloc(32, 3), bytes: 99, entries: 4, firstPath: Buffer.from('a/b') },
  ],
  entries: 5,
  files: 2,
  bytes: 77,
};

const binary: Readonly<Record<string, readonly [Buffer, Reader]>> = {
  'the footer of a pack': [
    footerPlaintext(record),
    (bytes) => recordInPack(packWithFooter(bytes), (_, sealed) => sealed),
  ],
  'a pack with its trailer': [
    packWithFooter(footerPlaintext(record)),
    (bytes) => recordInPack(bytes, (_, sealed) => sealed),
  ],
  'an index object': [
    encodeIndex({ supersedes: ['ab'.repeat(16)], packs: [{ id: 'cd'.repeat(32), size: 5000, record }] }),
    (bytes) => [...decodeIndex(bytes).packs()],
  ],
  'a page map': [pageMap(), (bytes) => readPageMap(bytes, Uint32Array.of(5000, 5000), 8192)],
  'the root of a listing': [
    Buffer.from(encodeRoot(rootData)),
    async (bytes) => {
      const chunks = new MemoryChunks();
      if (bytes.length > 0) await openListing(chunks, await storeRootBytes(chunks, bytes, rootData));
    },
  ],
  'the trash': [
    encodeTrashRecord({
      trashedAtMs: 1,
      deadlineMs: 2,
      object: sealObject(
        { keys, type: 'manifest', objectId: backupId },
        Buffer.from(JSON.stringify(createTestManifest(keys.vaultId, { backupId }))),
      ),
    }),
    async (bytes) => await sealedIn('trash', `trash/${backupId}`, bytes, listAndLoad),
  ],
  'the damage list': [
    Buffer.concat([Buffer.from([1, 0, 0, 0, 1, 0, 0, 0]), randomBytes(64)]),
    async (bytes) => await sealedIn('damage', 'marks/damage-0', bytes, (in_) => DamageList.load(in_, keys)),
  ],
};

/** Writes any byte, cuts off, puts in, or writes the largest numbers somewhere. */
const mutation = fc.record({
  at: fc.nat(),
  cut: fc.option(fc.nat(), { freq: 4 }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 9 }),
    fc.constantFrom(Buffer.alloc(4, 0xff), Buffer.alloc(8, 0xff), Buffer.from('ffffffffffffff0f', 'hex')),
  ),
  insert: fc.boolean(),
});

function mutate(
  bytes: Buffer,
  changes: readonly (typeof mutation extends fc.Arbitrary<infer T> ? T : never)[],
): Buffer {
  let changed = Buffer.from(bytes);
  for (const { at, cut, bytes: put, insert } of changes) {
    const from = at % (changed.length + 1);
    const rest = changed.subarray(insert ? from : from + put.length);
    changed = Buffer.concat([changed.subarray(0, from), put, rest]);
    if (cut !== null) changed = changed.subarray(0, cut % (changed.length + 1));
  }
  return changed;
}

describe('changed bytes', () => {
  it.each(Object.entries(binary))(
    'of %s are read or refused as damaged, nothing else',
    async (_, [bytes, read]) => {
      await read(bytes);
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (changes) => {
          await expectRefusedOrRead(read, mutate(bytes, changes));
        }),
        { numRuns: 500, seed },
      );
    },
  );
});

const deep = '['.repeat(200_000) + ']'.repeat(200_000);
/** What stands for any value of a JSON text; `deep` ends the stack of whoever follows it. */
const hostileValues = [
  'null',
  '""',
  '-1',
  '1.5',
  '1e300',
  '9007199254740993',
  '"x"',
  '[]',
  '{}',
  '[[]]',
  '"\\u0000"',
  'true',
  '"__proto__"',
  '{"__proto__":1}',
  '8640000000000001',
  deep,
];

/** Every text that one value or name of a JSON text, replaced by a hostile one, makes. */
function* spoiled(text: string): Generator<string> {
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|-?[0-9][0-9.e+]*|\[\]|\{\}|\[|\{/gu)) {
    for (const value of hostileValues) {
      const end = match.index + match[0].length;
      yield text.slice(0, match.index) + value + text.slice(end);
    }
  }
  yield deep;
  yield `{"a":${deep}}`;
  yield '';
}

async function vaultFiles(): Promise<Readonly<{ storage: MemoryStorage; deviceKey: Buffer }>> {
  const storage = new MemoryStorage();
  const deviceKey = randomBytes(32);
  const recovery = { kind: 'recovery', recoveryKey: newRecoveryKey() } as const;
  await createVaultKeys(storage, [recovery, { kind: 'device', deviceKey }], { now: 0 });
  return { storage, deviceKey };
}

/** The same checksum as a writer gives, since that is no secret. */
function withoutChecksum(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/,"checksum":.*\n$/u, '');
}

describe('another JSON', () => {
  const manifest = createTestManifest(keys.vaultId, {
    backupId,
    install: { labels: { a: 1 } },
    warnings: [{ code: 'x', message: 'y', path: 'z' }],
  });
  const sealedTexts: Readonly<
    Record<string, readonly [SealedType, string, unknown, (in_: MemoryStorage) => Promise<unknown>]>
  > = {
    'a manifest': ['manifest', `backups/${backupId}`, manifest, listAndLoad],
    'a pin': ['pin', `marks/pin-${backupId}`, { format: 1, pinnedAtMs: 1 }, (in_) => listPins(in_, keys)],
    'a proof': ['proof', `marks/proof-${backupId}`, { format: 1, provenAtMs: { config: 1 } }, showProofs],
    'a mark of doomed packs': [
      'doomed',
      'doomed/0',
      { format: 1, packs: ['ab'.repeat(32)], doomedAtMs: 1 },
      (in_) => loadDoomed(in_, keys),
    ],
  };

  it.each(Object.entries(sealedTexts))(
    'in %s is read or refused as damaged',
    async (_, [type, name, value, read]) => {
      for (const text of spoiled(JSON.stringify(value))) {
        await expectRefusedOrRead(
          async (bytes) => await sealedIn(type, name, bytes, read),
          Buffer.from(text),
        );
      }
    },
  );

  it.each(['vault.json', 'keys/00000001'])('in %s is read or refused, and opens nothing', async (name) => {
    const { storage, deviceKey } = await vaultFiles();
    const start = withoutChecksum(storage.bytesOf(name));
    for (const other of [name.replace('.json', '-copy.json'), `${name}-copy`]) storage.objects.delete(other);
    const opened: string[] = [];
    for (const text of spoiled(start)) {
      storage.setBytes(name, withChecksum(text));
      try {
        await unlockVault(storage, { kind: 'device', deviceKey });
        opened.push(text);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }
    expect(opened.filter((text) => !text.includes('"recovery"'))).toEqual([]);
  });

  it('in a lock record is read or taken for nonsense', async () => {
    const storage = new MemoryStorage();
    const hex = 'ab'.repeat(16);
    const lock = { state: 'held', owner: hex, host: hex, place: hex, purpose: 'backup', sinceMs: 1 } as const;
    const start = withoutChecksum(renderLockRecord(lock));
    for (const text of spoiled(start)) {
      storage.setBytes('locks/writer-1', withChecksum(text).subarray(0, 4096));
      const found = await readLock(storage, 'locks/writer-1');
      if (found?.record !== undefined) new Date(found.record.sinceMs).toISOString();
    }
  });
});

describe('a root that says that it is larger than it may be', () => {
  const piece = Buffer.alloc(1_048_576);
  const counts = { entries: 1, files: 0, bytes: 0 };
  let chunks = new MemoryChunks();
  let pieceId = '';

  beforeAll(async () => {
    chunks = new MemoryChunks();
    pieceId = Buffer.from(await chunks.add(piece)).toString('hex');
  });

  it('by one chunk many times is refused before it is read', async () => {
    const root: ListingRoot = {
      rootChunks: Array.from({ length: 257 }, () => pieceId),
      checksum: '0'.repeat(64),
      ...counts,
    };
    const before = chunks.reads;
    await expect(openListing(chunks, root)).rejects.toMatchObject({ kind: 'damaged' });
    expect(chunks.reads).toBe(before);
  });

  it('by blocks beyond counting is refused before they are', async () => {
    const blocks = Array.from({ length: 262_145 }, (_, at) => ({
      id: Buffer.alloc(32, 1),
      bytes: 10,
      entries: 1,
      firstPath: Buffer.from(at === 0 ? '' : String(at).padStart(7, '0')),
    }));
    const bytes = Buffer.from(encodeRoot({ ...rootData, blocks, entries: blocks.length }));
    const root = await storeRootBytes(chunks, bytes, { entries: blocks.length, files: 2, bytes: 77 });
    await expect(openListing(chunks, root)).rejects.toMatchObject({ kind: 'damaged' });
  });
});
