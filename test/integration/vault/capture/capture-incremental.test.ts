import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setTimes } from '../../../../main/platform/libc.ts';
import type { Extent } from '../../../../main/vault/listing/entry.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';
import { capture, contentOf } from '../../../helpers/capture.ts';
import type { Captured } from '../../../helpers/capture.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

/** Text that does not repeat, the same in every run. */
function textOf(seed: string, length: number): string {
  let text = '';
  while (text.length < length) {
    text += createHash('sha256')
      .update(`${seed} ${String(text.length)}`)
      .digest('base64');
  }
  return text.slice(0, length);
}

function writeFiles(root: string, count: number, length: number): void {
  for (let at = 0; at < count; at += 1) {
    fs.writeFileSync(join(root, `file-${String(at).padStart(4, '0')}`), textOf(String(at), length));
  }
}

function extentsOf(captured: Captured, path: string): readonly Extent[] {
  const entry = captured.entries.get(path);
  return entry?.kind === 'file' ? entry.extents : [];
}

function racyIn(captured: Captured): readonly string[] {
  const files = [...captured.entries].filter(([, entry]) => entry.kind === 'file' && entry.racy);
  return files.map(([path]) => path);
}

describe('captureTree beside the listing before', () => {
  it('opens no unchanged file and adds nothing', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    fs.mkdirSync(join(root, 'folder'));
    writeFiles(join(root, 'folder'), 50, 3000);
    fs.writeFileSync(join(root, 'large'), randomBytes(2_000_000));
    fs.writeFileSync(join(root, 'future'), 'x');
    setTimes(join(root, 'future'), 0n, 4_102_444_800_000_000_000n);
    const first = await capture(root, chunks);
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result).toMatchObject({ filesRead: 0, bytesRead: 0, bytesAdded: 0 });
    expect(second.result.listing).toStrictEqual(first.result.listing);
    expect(second.entries).toStrictEqual(first.entries);
  });

  it('reads what is new or changed, and nothing else', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    writeFiles(root, 20, 3000);
    const first = await capture(root, chunks);
    fs.writeFileSync(join(root, 'file-0003'), 'changed');
    fs.writeFileSync(join(root, 'new'), 'new');
    fs.rmSync(join(root, 'file-0004'));
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result).toMatchObject({ filesRead: 2, bytesRead: 10 });
    expect(second.entries.has('file-0004')).toBe(false);
    expect((await contentOf(second, chunks, 'file-0003')).toString()).toBe('changed');
    expect((await contentOf(second, chunks, 'file-0019')).toString()).toBe(textOf('19', 3000));
  });

  it('reads a file with its old size and modification time, but another ctime', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    fs.writeFileSync(join(root, 'file'), 'before');
    setTimes(join(root, 'file'), 0n, 10n ** 18n);
    const first = await capture(root, chunks);
    fs.writeFileSync(join(root, 'file'), 'behind');
    setTimes(join(root, 'file'), 0n, 10n ** 18n);
    const second = await capture(root, chunks, { previous: first.listing });
    expect((await contentOf(second, chunks, 'file')).toString()).toBe('behind');
  });

  it('reads racy files again, whatever their times say, and adds nothing when their content stayed', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    writeFiles(root, 10, 3000);
    const first = await capture(root, chunks, { racyFromNs: 0n });
    expect(first.entries.get('file-0001')).toMatchObject({ racy: true });
    fs.writeFileSync(join(root, 'new'), 'new');
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result.filesRead).toBe(11);
    expect(second.entries.get('file-0001')).toMatchObject({ racy: false });
    const blockAndRoot = second.listing.data.blocks.reduce((sum, block) => sum + block.bytes, 0) + 1000;
    expect(second.result.bytesAdded).toBeLessThan(blockAndRoot + 'new'.length);
  });

  it('calls a file racy by its ctime, and by its modification time unless that was set into the future', async () => {
    const root = await tempFolder();
    const times = {
      past: 10n ** 18n,
      present: BigInt(Date.now()) * 1_000_000n,
      future: 4_102_444_800_000_000_000n,
    };
    for (const [name, time] of Object.entries(times)) {
      fs.writeFileSync(join(root, name), name);
      setTimes(join(root, name), time, time);
    }
    const young = await capture(root, new MemoryChunks(), { racyFromNs: times.past + 1n });
    expect(racyIn(young)).toStrictEqual(['future', 'past', 'present']);
    const { ctimeNs } = fs.lstatSync(join(root, 'future'), { bigint: true });
    setTimes(join(root, 'present'), 0n, ctimeNs + 1n);
    const old = await capture(root, new MemoryChunks(), { racyFromNs: ctimeNs + 1n });
    expect(racyIn(old)).toContain('present');
    expect(racyIn(old)).not.toContain('future');
    expect(racyIn(old)).not.toContain('past');
  });

  it('adds no content when only times or owners changed, as after a restore', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    writeFiles(root, 100, 3000);
    const first = await capture(root, chunks);
    for (const name of fs.readdirSync(root).filter((_, at) => at % 2 === 0)) {
      fs.copyFileSync(join(root, name), join(root, 'copy'));
      fs.renameSync(join(root, 'copy'), join(root, name));
    }
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result.filesRead).toBe(50);
    expect(second.result.bytesAdded).toBeLessThan(30_000);
    expect(extentsOf(second, 'file-0002')).toStrictEqual(extentsOf(first, 'file-0002'));
  });

  it('stores anew what the vault lost, doomed or found damaged', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    writeFiles(root, 20, 3000);
    const large = randomBytes(1_500_000);
    fs.writeFileSync(join(root, 'large'), large);
    const first = await capture(root, chunks);
    for (const extent of extentsOf(first, 'large')) {
      chunks.lose(first.listing.chunkId(extent.chunk));
    }
    const [small] = extentsOf(first, 'file-0001');
    chunks.doom(first.listing.chunkId(small?.chunk ?? 0));
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result.filesRead).toBe(21);
    expect(await contentOf(second, chunks, 'large')).toStrictEqual(large);
    expect((await contentOf(second, chunks, 'file-0001')).toString()).toBe(textOf('1', 3000));
    const third = await capture(root, chunks, { previous: second.listing });
    expect(third.result.filesRead).toBe(0);
  });

  it('does without a listing before whose blocks are lost', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    writeFiles(root, 20, 3000);
    const first = await capture(root, chunks);
    chunks.lose(first.listing.data.blocks[0]?.id ?? new Uint8Array());
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result.filesRead).toBe(20);
    expect(second.result.notes.map(({ code }) => code)).toStrictEqual(['previous-listing-damaged']);
    expect((await contentOf(second, chunks, 'file-0007')).toString()).toBe(textOf('7', 3000));
  });

  it('stores files anew whose chunk is mostly unused, within a share of the source', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    fs.writeFileSync(join(root, 'ballast'), randomBytes(2_000_000));
    writeFiles(root, 20, 10_000);
    const first = await capture(root, chunks);
    const shared = extentsOf(first, 'file-0000')[0]?.chunk;
    for (let at = 3; at < 20; at += 1) {
      fs.rmSync(join(root, `file-${String(at).padStart(4, '0')}`));
    }
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result.filesRead).toBe(0);
    const third = await capture(root, chunks, { previous: second.listing });
    expect(third.result.filesRead).toBe(3);
    expect(extentsOf(third, 'file-0000')[0]?.chunk).not.toBe(shared);
    expect(third.listing.data.table.lengths[shared ?? 0] ?? 0).toBe(0);
    expect((await contentOf(third, chunks, 'file-0001')).toString()).toBe(textOf('1', 10_000));
    // The share: without the ballast no file of it may be stored anew.
    fs.rmSync(join(root, 'ballast'));
    const fourth = await capture(root, chunks, { previous: second.listing });
    const fifth = await capture(root, chunks, { previous: fourth.listing });
    expect(fifth.result.filesRead).toBe(0);
  });

  it('keeps the numbers of chunks, until more than half of them are unused', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const contentAt = (at: number): Buffer => Buffer.alloc(262_144, `content of file ${String(at)}`);
    for (let at = 0; at < 300; at += 1) {
      fs.writeFileSync(join(root, `large-${String(at).padStart(4, '0')}`), contentAt(at));
    }
    const first = await capture(root, chunks);
    expect(first.listing.data.table.count).toBe(300);
    for (let at = 0; at < 300; at += 1) {
      if (at % 6 !== 0) {
        fs.rmSync(join(root, `large-${String(at).padStart(4, '0')}`));
      }
    }
    const second = await capture(root, chunks, { previous: first.listing });
    expect(extentsOf(second, 'large-0270')[0]?.chunk).toBe(270);
    expect(second.listing.data.table.lengths[249]).toBe(0);
    const third = await capture(root, chunks, { previous: second.listing });
    expect(third.listing.data.table.count).toBe(50);
    expect(third.result.filesRead).toBe(0);
    expect(await contentOf(third, chunks, 'large-0270')).toStrictEqual(contentAt(270));
    expect(third.listing.data.table.lengths.every((length) => length > 0)).toBe(true);
  });

  it('stores almost nothing again when a file is inserted among small ones that are all read', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    writeFiles(root, 1000, 8000);
    await capture(root, chunks);
    fs.writeFileSync(join(root, 'file-0000-inserted'), textOf('inserted', 5000));
    const again = await capture(root, chunks);
    expect(again.result.bytesRead).toBe(8_005_000);
    expect(again.result.bytesAdded).toBeLessThan(4_500_000);
  });
});
