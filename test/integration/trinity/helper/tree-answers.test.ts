import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { TreeAnswers } from '../../../../main/trinity/helper/tree-answers.ts';
import { rejectionOf } from '../../../helpers/rejection.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const before = Buffer.from('what was told before');

function frame(type: string, body: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(body.length + 1);
  head.write(type, 4);
  return Buffer.concat([head, body]);
}

function copy(at: bigint, length: bigint): Buffer {
  const body = Buffer.alloc(16);
  body.writeBigUInt64LE(at);
  body.writeBigUInt64LE(length, 8);
  return frame('C', body);
}

type Read = Readonly<{ text: string; isWhole: boolean }>;

/** What comes of frames that arrive byte by byte. */
async function read(frames: readonly Buffer[], isSince = true): Promise<Read> {
  const file = join(await tempFolder(), 'before');
  writeFileSync(file, before);
  const fd = openSync(file, 'r');
  const bytes = Array.from(Buffer.concat(frames), (byte) => Buffer.from([byte]));
  const answer = new TreeAnswers(Readable.from(bytes, { objectMode: false })).next(isSince ? fd : undefined);
  try {
    let text = '';
    for (;;) {
      const { done, value } = await answer.next();
      if (done === true) return { text, isWhole: value };
      text += Buffer.from(value).toString();
    }
  } finally {
    closeSync(fd);
  }
}

describe('TreeAnswers', () => {
  it('puts together what is new and what was told before', async () => {
    const frames = [
      frame('D', Buffer.from('not ')),
      copy(0n, 9n),
      frame('D', Buffer.from('here')),
      frame('Z'),
    ];
    expect(await read(frames)).toStrictEqual({ text: 'not what was here', isWhole: true });
  });

  it.each([
    ['in bytes', [frame('D', Buffer.from('some')).subarray(0, 7)]],
    ['in the length of a frame', [Buffer.from([1, 0])]],
    ['before its end', [copy(0n, 4n)]],
  ])('says that an answer was cut off %s', async (_, frames) => {
    expect(await read(frames)).toMatchObject({ isWhole: false });
  });

  it.each([
    ['past the end of what was told', [copy(15n, 6n)]],
    ['of more than any file holds', [copy(0n, 2n ** 63n)]],
    ['of a type that is unknown', [frame('Q', Buffer.alloc(3))]],
    ['of no length', [Buffer.alloc(5)]],
    ['of another length', [frame('C', Buffer.alloc(15))]],
  ])('refuses a frame %s', async (_, frames) => {
    const broken = { kind: 'failed', message: expect.stringContaining('cannot be right') };
    expect(await rejectionOf(read([...frames, frame('Z')]))).toMatchObject(broken);
  });

  it('refuses what was told before where nothing was', async () => {
    expect(await rejectionOf(read([copy(0n, 1n), frame('Z')], false))).toMatchObject({ kind: 'failed' });
  });
});
