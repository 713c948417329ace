import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../../shared/lib/app-error.ts';
import {
  ContentRecordReader,
  NotSentError,
} from '../../../../../main/vault/capture/records/content-record-reader.ts';
import { ContentRecordWriter } from '../../../../../main/vault/capture/records/content-record-writer.ts';
import { kinds } from '../../../../../main/vault/listing/raw-entry.ts';
import { piecesOf, statOf, written } from '../../../../helpers/record-bytes.ts';

const none = { xattrs: Buffer.alloc(0), xattrsErrno: 0 };
const { file } = kinds;

function contentStream(write: (writer: ContentRecordWriter) => void): Buffer {
  return written((give, first) => {
    const writer = new ContentRecordWriter(give, first);
    write(writer);
    writer.finish();
  });
}

function data(writer: ContentRecordWriter, offset: number, text: string): void {
  writer.data(offset, text.length, (target) => Buffer.from(text).copy(target));
}

/** One steady file, whole in one run. */
function whole(writer: ContentRecordWriter, number: number, text: string): void {
  const stat = statOf(file, text.length);
  writer.begin(number, stat, false);
  data(writer, 0, text);
  writer.after(stat, { length: text.length, ...none });
  writer.done();
}

/** What is read: content by number, with `again` where it was not steady, and the code of what was not sent. */
function readAll(bytes: Buffer, pieceLength = bytes.length): readonly string[] {
  const reader = new ContentRecordReader(piecesOf(bytes, pieceLength));
  const got: string[] = [];
  for (let number = reader.nextNumber; number !== undefined; number = reader.nextNumber) {
    got.push(`${String(number)} ${readOne(reader)}`);
  }
  reader.finish();
  return got;
}

function readOne(reader: ContentRecordReader): string {
  try {
    reader.open();
    let text = '';
    do {
      const target = Buffer.alloc(Math.min(reader.stat.size, 5000));
      const length = reader.read(target, 0);
      text += `${target.toString('latin1', 0, length)}${reader.isSteady(length) ? '' : ' again '}`;
    } while (reader.again());
    return text;
  } catch (error) {
    if (error instanceof NotSentError) {
      return `code ${String(error.code)}`;
    }
    throw error;
  }
}

describe('content records', () => {
  it('read as they were written, however they are cut into pieces', () => {
    const sparse = statOf(file, 12);
    const bytes = contentStream((writer) => {
      whole(writer, 1, 'first');
      writer.error(2, 5, 0);
      writer.begin(4, sparse, true);
      data(writer, 2, 'ab');
      data(writer, 6, 'cd');
      writer.after(sparse, { length: 12, ...none });
      writer.done();
      whole(writer, 9, '');
    });
    for (const pieceLength of [1, 9, bytes.length]) {
      expect(readAll(bytes, pieceLength)).toStrictEqual([
        '1 first',
        '2 code 5',
        '4 \0\0ab\0\0cd\0\0\0\0',
        '9 ',
      ]);
    }
  });

  it('tell data from holes', () => {
    const stat = statOf(file, 100);
    const reader = new ContentRecordReader(
      piecesOf(
        contentStream((writer) => {
          writer.begin(0, stat, true);
          data(writer, 10, 'abc');
          data(writer, 13, 'de');
          writer.after(stat, { length: 100, ...none });
          writer.done();
        }),
        20,
      ),
    );
    reader.open();
    expect(reader.isSparse).toBe(true);
    expect(reader.nextData(0)).toBe(10);
    expect(reader.nextHole(10)).toBe(13);
    expect(reader.nextData(13)).toBe(13);
    expect(reader.nextData(15)).toBeUndefined();
  });

  it('say when a file changed while it was read, and give its last reading', () => {
    const changed = statOf(file, 3);
    changed.mtimeLow = 99;
    const bytes = contentStream((writer) => {
      for (const text of ['abc', 'abd', 'abe']) {
        writer.begin(3, statOf(file, 3), false);
        data(writer, 0, text);
        writer.after(text === 'abe' ? statOf(file, 3) : changed, { length: 3, ...none });
      }
      writer.done();
      whole(writer, 4, 'next');
    });
    expect(readAll(bytes)).toStrictEqual(['3 abc again abd again abe', '4 next']);
  });

  it('are refused where they are cut off, at every byte', () => {
    const bytes = contentStream((writer) => {
      whole(writer, 0, 'one');
      writer.error(1, 1, 13);
    });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => readAll(bytes.subarray(0, length), 16)).toThrow(/cannot be right/u);
    }
  });

  it.each<readonly [string, (writer: ContentRecordWriter) => void]>([
    [
      'leave a gap in a file that is not sparse',
      (writer) => {
        writer.begin(0, statOf(file, 9), false);
        data(writer, 3, 'abc');
      },
    ],
    [
      'go back',
      (writer) => {
        writer.begin(0, statOf(file, 9), true);
        data(writer, 3, 'abc');
        data(writer, 2, 'abc');
      },
    ],
    [
      'go past the size of the file',
      (writer) => {
        writer.begin(0, statOf(file, 2), false);
        data(writer, 0, 'abc');
        writer.after(statOf(file, 2), { length: 2, ...none });
        writer.done();
      },
    ],
    [
      'end before the data did',
      (writer) => {
        writer.begin(0, statOf(file, 3), false);
        data(writer, 0, 'abc');
        writer.after(statOf(file, 3), { length: 2, ...none });
      },
    ],
    [
      'send a folder',
      (writer) => {
        writer.begin(0, statOf(kinds.folder), false);
      },
    ],
    [
      'send a file a fourth time',
      (writer) => {
        for (let pass = 0; pass < 4; pass += 1) {
          writer.begin(0, statOf(file, 9), false);
          writer.after(statOf(file, 9), { length: 0, ...none });
        }
        writer.done();
      },
    ],
    [
      'go back to an earlier file',
      (writer) => {
        whole(writer, 1, 'a');
        whole(writer, 0, 'b');
      },
    ],
    [
      'give a reason that is none',
      (writer) => {
        writer.error(0, 6, 0);
      },
    ],
    [
      'count wrong',
      (writer) => {
        writer.begin(0, statOf(file, 0), false);
        writer.after(statOf(file, 0), { length: 0, ...none });
      },
    ],
    [
      'hold broken attributes',
      (writer) => {
        writer.begin(0, statOf(file, 0), false);
        writer.after(statOf(file, 0), { length: 0, xattrs: Buffer.from([1, 200]), xattrsErrno: 0 });
        writer.done();
      },
    ],
  ])('are refused when they %s', (_what, write) => {
    expect(() => readAll(contentStream(write))).toThrow(/cannot be right/u);
  });

  it('bring our own error or content within the size of its file, whatever the bytes', () => {
    const bytes = contentStream((writer) => {
      whole(writer, 0, 'one');
      writer.error(3, 2, 0);
      whole(writer, 5, 'two');
    });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, change) => {
        const changed = Buffer.from(bytes);
        changed.set(change.subarray(0, bytes.length - at), at);
        try {
          readAll(changed, 50);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ kind: 'failed' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
