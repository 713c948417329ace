import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HostAccess } from '../../../../main/vault/capture/access/host-access.ts';
import { ContentRecordWriter } from '../../../../main/vault/capture/records/content-record-writer.ts';
import type { ListOptions, TreeAccess } from '../../../../main/vault/capture/records/tree-access.ts';
import { kinds } from '../../../../main/vault/listing/raw-entry.ts';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';
import { statOf, written } from '../../../helpers/record-bytes.ts';
import { captureByRecords } from '../../../helpers/record-capture.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

type Send = (wanted: AsyncIterable<Uint8Array>, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** Lists a folder as it is, and sends its files in a way of its own. */
class AccessWithSend implements TreeAccess {
  readonly #host: HostAccess;
  readonly send: Send;

  constructor(root: string, send: (host: HostAccess) => Send) {
    this.#host = new HostAccess(root);
    this.send = send(this.#host);
  }

  list(options: ListOptions): AsyncIterable<Uint8Array> {
    return this.#host.list(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }
}

/** A folder of entries 0 the root, 1 `a`, 2 `folder` and 3 `folder/b`. */
async function tree(): Promise<string> {
  const root = join(await tempFolder(), 'tree');
  fs.mkdirSync(join(root, 'folder'), { recursive: true });
  fs.writeFileSync(join(root, 'a'), 'a');
  fs.writeFileSync(join(root, 'folder/b'), 'b');
  return root;
}

/** Sends an empty file for each of these numbers, whatever is wanted. */
function sendsNumbers(numbers: readonly number[]): () => Send {
  return () =>
    async function* send() {
      yield written((give, first) => {
        const writer = new ContentRecordWriter(give, first);
        for (const number of numbers) {
          writer.begin(number, statOf(kinds.file), false);
          writer.after(statOf(kinds.file), { length: 0, xattrs: Buffer.alloc(0), xattrsErrno: 0 });
          writer.done();
        }
        writer.finish();
      });
    };
}

describe('a sender of files', () => {
  it.each([
    ['fewer files than were asked for', [1]],
    ['a file of a folder', [1, 2, 3]],
    ['a file of an entry that there is not', [1, 3, 9]],
    ['none', []],
  ])('fails the capture when it sends %s', async (_what, numbers) => {
    const root = await tree();
    await using access = new AccessWithSend(root, sendsNumbers(numbers));
    const run = captureByRecords(root, new MemoryChunks(), {}, access);
    await expect(run).rejects.toMatchObject({ kind: 'failed' });
  });

  it('sends nothing from where a symlink leads that took the place of a folder, nor what vanished', async () => {
    const root = await tree();
    const outside = await tempFolder();
    fs.writeFileSync(join(outside, 'b'), 'secret');
    await using access = new AccessWithSend(root, (host) => (wanted, signal) => {
      fs.rmSync(join(root, 'a'));
      fs.renameSync(join(root, 'folder'), join(root, 'elsewhere'));
      fs.symlinkSync(outside, join(root, 'folder'));
      return host.send(wanted, signal);
    });
    const { result } = await captureByRecords(root, new MemoryChunks(), {}, access);
    expect(result.bytesRead).toBe(0);
    expect(result.listing.entries).toBe(2);
    expect(result.warnings).toMatchObject([{ code: 'replaced-while-read', path: 'folder/b' }]);
    expect(result.notes).toMatchObject([{ code: 'vanished', path: 'a' }]);
  });

  it('keeps a symlink that took the place of a file unread', async () => {
    const root = await tree();
    await using access = new AccessWithSend(root, (host) => (wanted, signal) => {
      fs.rmSync(join(root, 'a'));
      fs.symlinkSync('/etc/passwd', join(root, 'a'));
      return host.send(wanted, signal);
    });
    const { result } = await captureByRecords(root, new MemoryChunks(), {}, access);
    expect(result.warnings).toMatchObject([{ code: 'replaced-while-read', path: 'a' }]);
  });
});
