import Database from 'better-sqlite3';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HostAccess } from '../../../../../main/vault/capture/access/host-access.ts';
import type { Listing } from '../../../../../main/vault/listing/listing.ts';
import { openListing } from '../../../../../main/vault/listing/open-listing.ts';
import { MemoryChunks } from '../../../../fakes/memory-chunks.ts';
import { capture, contentOf } from '../../../../helpers/capture.ts';
import { writeFidelityTree } from '../../../../helpers/fidelity-tree.ts';
import { tempFolder } from '../../../../helpers/temp-folder.ts';
import { newTestVault } from '../../../../helpers/test-vault.ts';
import { captureTwice } from '../../../../helpers/two-pass.ts';
import type { TwoPasses } from '../../../../helpers/two-pass.ts';

const pageBytes = 4096;

/** What a listing says of each path but where its content lies, and the content of its files. */
async function contentsOf(chunks: MemoryChunks, listing: Listing): Promise<ReadonlyMap<string, unknown>> {
  const known = new Map<string, Promise<Buffer>>();
  const read = async (id: Uint8Array): Promise<Buffer> => {
    const name = Buffer.from(id).toString('hex');
    const chunk = known.get(name) ?? chunks.read(id);
    known.set(name, chunk);
    return await chunk;
  };
  const contents = new Map<string, unknown>();
  for await (const entry of listing.entries()) {
    const path = entry.path.toString('latin1');
    if (entry.kind === 'file') {
      const { extents: _extents, racy: _racy, ...rest } = entry;
      const isHuge = entry.stat.size > 100_000_000;
      const captured = { listing, entries: new Map([[path, entry]]) };
      const content = isHuge ? Buffer.alloc(0) : await contentOf(captured, { read }, path);
      contents.set(path, { ...rest, content: createHash('sha256').update(content).digest('hex') });
    } else {
      contents.set(path, entry);
    }
  }
  return contents;
}

/** Expects the copy to be the tree as it is now. */
async function expectIsTree(root: string, chunks: MemoryChunks, { result }: TwoPasses): Promise<void> {
  const listing = await openListing(chunks, result.capture.listing);
  const others = new MemoryChunks();
  const fresh = await capture(root, others);
  expect(await contentsOf(chunks, listing)).toStrictEqual(await contentsOf(others, fresh.listing));
}

async function smallTree(): Promise<string> {
  const root = join(await tempFolder(), 'tree');
  fs.mkdirSync(join(root, 'folder'), { recursive: true });
  for (const name of ['a', 'b', 'folder/c', 'folder/d']) {
    fs.writeFileSync(join(root, name), `content of ${name}`);
  }
  return root;
}

describe('captureInTwoPasses', () => {
  it('copies the tree as it is when frozen, reading only what changed since the first pass', async () => {
    const root = join(await tempFolder(), 'tree');
    await writeFidelityTree(root);
    const chunks = new MemoryChunks();
    const passes = await captureTwice(root, chunks, {
      change: () => {
        fs.appendFileSync(join(root, 'empty-file'), 'grown');
        fs.writeFileSync(join(root, 'new'), 'new');
        fs.rmSync(join(root, 'at-epoch'));
        fs.renameSync(join(root, 'links'), join(root, 'moved'));
        fs.rmSync(join(root, 'empty'), { recursive: true });
        fs.writeFileSync(join(root, 'empty'), 'no folder any more');
      },
    });
    expect(passes.result).toMatchObject({ isConsistent: true, frozen: { filesRead: 3 } });
    expect(passes.calls).toStrictEqual(['freeze', 'resume']);
    await expectIsTree(root, chunks, passes);
  });

  it('does the same where only an access reads the tree, beside the last backup', async () => {
    const root = await smallTree();
    const chunks = new MemoryChunks();
    const { listing: previous } = await capture(root, chunks);
    fs.writeFileSync(join(root, 'a'), 'changed before');
    await using access = new HostAccess(root);
    const passes = await captureTwice(root, chunks, {
      tree: { kind: 'access', access, exclude: [] },
      previous,
      change: () => {
        fs.writeFileSync(join(root, 'folder/c'), 'changed between');
      },
    });
    // The first pass synced: what changed in the last seconds before is read again.
    expect(passes.result).toMatchObject({ isConsistent: true, hot: { filesRead: 1 } });
    await expectIsTree(root, chunks, passes);
  });

  it('reads nothing of a renamed folder again, nor of a file below it', async () => {
    const root = await smallTree();
    for (let name = 0; name < 1000; name += 1) {
      fs.writeFileSync(join(root, `folder/${String(name)}`), `${String(name)} `.repeat(20));
    }
    const chunks = new MemoryChunks();
    const passes = await captureTwice(root, chunks, {
      change: () => {
        fs.mkdirSync(join(root, 'above'));
        fs.renameSync(join(root, 'folder'), join(root, 'above/renamed'));
      },
    });
    expect(passes.result.frozen).toMatchObject({ filesRead: 0, bytesRead: 0 });
    await expectIsTree(root, chunks, passes);
  });

  it('does not take a file of other content for one that was moved', async () => {
    const root = await smallTree();
    const chunks = new MemoryChunks();
    const passes = await captureTwice(root, chunks, {
      change: () => {
        // The same inode under another name, but a rename of the file itself moves its ctime.
        fs.renameSync(join(root, 'a'), join(root, 'z'));
        fs.writeFileSync(join(root, 'z'), 'other CONTENT');
      },
    });
    expect(passes.result.frozen).toMatchObject({ filesRead: 1 });
    await expectIsTree(root, chunks, passes);
  });

  it('reads in the frozen pass what was racy in the first, and calls it racy still', async () => {
    const root = await smallTree();
    const chunks = new MemoryChunks();
    const passes = await captureTwice(root, chunks, { racyFromNs: 0n });
    expect(passes.result).toMatchObject({ hot: { filesRead: 4 }, frozen: { filesRead: 4 } });
    const listing = await openListing(chunks, passes.result.capture.listing);
    expect(await listing.entry(Buffer.from('a'))).toMatchObject({ racy: true });
    await expectIsTree(root, chunks, passes);
  });

  it('reads what was racy in the first pass, though its folder was renamed', async () => {
    const root = await smallTree();
    const chunks = new MemoryChunks();
    const passes = await captureTwice(root, chunks, {
      racyFromNs: 0n,
      change: () => {
        fs.renameSync(join(root, 'folder'), join(root, 'renamed'));
      },
    });
    expect(passes.result.frozen).toMatchObject({ filesRead: 4 });
    await expectIsTree(root, chunks, passes);
  });

  it('takes a database and its write-ahead log of one moment, and few of its pages anew', async () => {
    const root = await smallTree();
    const database = new Database(join(root, 'state.db'));
    database.pragma('journal_mode = WAL');
    database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)');
    const insert = database.prepare('INSERT INTO t (b) VALUES (?)');
    database.transaction(() => {
      for (let row = 0; row < 20_000; row += 1) insert.run(randomBytes(100).toString('hex'));
    })();
    database.pragma('wal_checkpoint(TRUNCATE)');
    const chunks = new MemoryChunks();
    const passes = await captureTwice(root, chunks, {
      change: () => {
        database.exec("UPDATE t SET b = 'checkpointed' WHERE a = 1");
        database.pragma('wal_checkpoint(TRUNCATE)');
        database.exec("UPDATE t SET b = 'in the log' WHERE a = 20000");
      },
    });
    database.close();
    const listing = await openListing(chunks, passes.result.capture.listing);
    const copy = await tempFolder();
    for (const name of ['state.db', 'state.db-wal']) {
      const entry = await listing.entry(Buffer.from(name));
      if (entry?.kind !== 'file') throw new Error(`No ${name}.`);
      const captured = { listing, entries: new Map([[name, entry]]) };
      fs.writeFileSync(join(copy, name), await contentOf(captured, chunks, name));
    }
    const copied = new Database(join(copy, 'state.db'));
    expect(copied.prepare('SELECT b FROM t WHERE a IN (1, 20000)').pluck().all()).toStrictEqual([
      'checkpointed',
      'in the log',
    ]);
    expect(copied.pragma('integrity_check', { simple: true })).toBe('ok');
    copied.close();
    expect(passes.result.frozen?.bytesAdded).toBeLessThan(500_000);
  });

  it('finds pages of the first pass that no pack holds yet', async () => {
    const root = await smallTree();
    const pages = randomBytes(3000 * pageBytes);
    pages.write('SQLite format 3\0', 'latin1');
    pages.writeUInt16BE(pageBytes, 16);
    const file = join(root, 'state.db');
    fs.writeFileSync(file, pages);
    const { vault } = await newTestVault();
    await using writer = await vault.openWriter('backup');
    const passes = await captureTwice(root, writer.chunks, {
      change: () => {
        // All others move by one page: only a look at the pages themselves finds them.
        fs.writeFileSync(
          file,
          Buffer.concat([pages.subarray(0, pageBytes), randomBytes(pageBytes), pages.subarray(pageBytes)]),
        );
      },
    });
    expect(passes.result.frozen).toMatchObject({ filesRead: 1 });
    expect(passes.result.frozen?.bytesAdded).toBeLessThan(200_000);
  });

  it('leaves nothing in the folder of its files', async () => {
    const passes = await captureTwice(await smallTree(), new MemoryChunks());
    expect(fs.readdirSync(passes.folder)).toStrictEqual([]);
  });
});
