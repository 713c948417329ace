import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryChunks } from '../../../fakes/memory-chunks.ts';
import { capture, contentOf } from '../../../helpers/capture.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

/** More than all buffers on their way hold: its reading waits for the store. */
const longBytes = 50 * 1024 * 1024;

/** Does `change` while the first file is being read: before anything is stored, when all buffers are full. */
function changeWhileRead(chunks: MemoryChunks, change: (batch: number) => void): void {
  let batches = 0;
  chunks.beforeStore = async () => {
    batches += 1;
    const batch = batches;
    // The thread has filled the other buffers by then, or waits for this one: either way it is in the middle of the file.
    change(batch);
    await Promise.resolve();
  };
}

describe('captureTree of a tree at work', () => {
  it('reads a file again that grows, shrinks or is rewritten while it is read', async () => {
    const changes: Readonly<Record<string, (file: string) => void>> = {
      grows: (file) => {
        fs.appendFileSync(file, 'more');
      },
      shrinks: (file) => {
        fs.truncateSync(file, 300_000);
      },
      'is rewritten': (file) => {
        const fd = fs.openSync(file, 'r+');
        fs.writeSync(fd, 'rewritten', 0);
        fs.closeSync(fd);
      },
    };
    for (const change of Object.values(changes)) {
      const root = await tempFolder();
      const chunks = new MemoryChunks();
      const file = join(root, 'file');
      fs.writeFileSync(file, randomBytes(longBytes));
      changeWhileRead(chunks, (batch) => {
        if (batch === 1) {
          change(file);
        }
      });
      const captured = await capture(root, chunks);
      expect(captured.result.warnings).toStrictEqual([]);
      expect(captured.result.bytesRead).toBeGreaterThan(fs.statSync(file).size);
      expect((await contentOf(captured, chunks, 'file')).equals(fs.readFileSync(file))).toBe(true);
    }
  });

  it('keeps the last reading with a warning, when the file changes each time, and reads it anew the next time', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const file = join(root, 'log');
    fs.writeFileSync(file, randomBytes(longBytes));
    changeWhileRead(chunks, () => {
      fs.appendFileSync(file, 'line');
    });
    const first = await capture(root, chunks);
    expect(first.result.warnings).toMatchObject([{ code: 'changed-while-read', path: 'log' }]);
    const entry = first.entries.get('log');
    expect(entry).toMatchObject({ racy: true });
    // What was kept is consistent in itself.
    expect((await contentOf(first, chunks, 'log')).length).toBe(entry?.stat.size);
    chunks.beforeStore = async () => {};
    const second = await capture(root, chunks, { previous: first.listing });
    expect(second.result.filesRead).toBe(1);
    expect((await contentOf(second, chunks, 'log')).equals(fs.readFileSync(file))).toBe(true);
  });

  it('notes what vanished, and keeps a file whose name vanished while it was read', async () => {
    const root = await tempFolder();
    const chunks = new MemoryChunks();
    const content = randomBytes(longBytes);
    fs.writeFileSync(join(root, 'a-file'), content);
    fs.writeFileSync(join(root, 'b-file'), 'x');
    fs.mkdirSync(join(root, 'c-folder'));
    changeWhileRead(chunks, (batch) => {
      if (batch === 1) {
        for (const name of fs.readdirSync(root)) {
          fs.rmSync(join(root, name), { recursive: true });
        }
      }
    });
    const captured = await capture(root, chunks);
    expect(captured.result.warnings).toStrictEqual([]);
    expect(captured.result.notes.map(({ code, path }) => `${code} ${String(path)}`)).toStrictEqual([
      'vanished b-file',
      'vanished c-folder',
    ]);
    expect((await contentOf(captured, chunks, 'a-file')).equals(content)).toBe(true);
  });

  it('stays in the folder it is in, when that is swapped for a symlink to elsewhere', async () => {
    const root = await tempFolder();
    const outside = await tempFolder();
    const chunks = new MemoryChunks();
    fs.mkdirSync(join(root, 'a'));
    fs.writeFileSync(join(root, 'a/b'), randomBytes(longBytes));
    fs.writeFileSync(join(root, 'a/c'), 'inside');
    fs.mkdirSync(join(root, 'd'));
    fs.writeFileSync(join(root, 'd/c'), 'inside');
    fs.writeFileSync(join(outside, 'c'), 'outside');
    changeWhileRead(chunks, (batch) => {
      if (batch === 1) {
        for (const name of ['a', 'd']) {
          fs.renameSync(join(root, name), join(root, `${name}-moved`));
          fs.symlinkSync(outside, join(root, name));
        }
      }
    });
    const captured = await capture(root, chunks);
    expect((await contentOf(captured, chunks, 'a/c')).toString()).toBe('inside');
    expect(captured.entries.get('d')).toMatchObject({ kind: 'symlink', target: Buffer.from(outside) });
    expect(captured.entries.has('d/c')).toBe(false);
  });
});
