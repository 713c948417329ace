import { AppError } from '../../../../shared/lib/app-error.ts';

/** Bytes of a frame besides its length. */
export const mostFrameBytes = 1_114_112;
/** Bytes of content in one frame. */
export const mostDataBytes = 1_048_576;
export const magicBytes = 8;
const headBytes = 5;

export const magicOf = {
  tree: Buffer.from('TBtree1\n'),
  wanted: Buffer.from('TBwant1\n'),
  content: Buffer.from('TBfile1\n'),
} as const;

/** Types of frames by the byte that they begin with; see README.md. */
export const frameOf = {
  head: 0x48,
  entry: 0x45,
  finding: 0x46,
  wanted: 0x57,
  begin: 0x42,
  data: 0x44,
  after: 0x41,
  error: 0x58,
  end: 0x5a,
} as const;

/** What is thrown for records that are not as they must be; `what` says which rule they break. */
export function brokenRecords(what: string): AppError {
  return new AppError(
    'failed',
    `What reads the files of this folder sent something that cannot be right (${what}). Run the backup again.`,
    { details: { what } },
  );
}

/** Gives the next bytes of a stream, in pieces of any length; undefined at its end. */
export type PieceSource = () => Uint8Array | undefined;

const nothing = Buffer.alloc(0);

/** Reads frames out of pieces. Bytes may be hostile: no more than a piece and a frame is ever held. */
export class FrameReader {
  readonly #take: PieceSource;
  /** Where frames are put together that come in parts. */
  #scratch: Buffer = nothing;
  #piece: Buffer = nothing;
  #at = 0;
  #before = 0;
  /** The last frame: its type, and its body as `bytes` from `start` to `end`, which lasts until the next one. */
  type = 0;
  bytes: Buffer = nothing;
  start = 0;
  end = 0;

  constructor(take: PieceSource, magic: Buffer) {
    this.#take = take;
    this.#read(magicBytes);
    if (!this.bytes.subarray(this.start, this.end).equals(magic)) {
      throw brokenRecords('it does not begin as such a stream does');
    }
  }

  /** Bytes of the stream up to the end of the last frame. */
  get position(): number {
    return this.#before + this.#at;
  }

  /** Reads the next frame; throws where the stream ends before its last one. */
  next(): void {
    this.#read(4);
    const length = this.bytes.readUInt32LE(this.start);
    if (length < 1 || length > mostFrameBytes) {
      throw brokenRecords('the length of a frame');
    }
    this.#read(length);
    this.type = this.bytes[this.start] ?? 0;
    this.start += 1;
  }

  /** A view of a part of the body. */
  view(from: number, length: number): Buffer {
    return this.bytes.subarray(from, from + length);
  }

  /** Refuses a body of another length. */
  expectBody(length: number): void {
    if (this.end - this.start !== length) {
      throw brokenRecords('the length of a frame');
    }
  }

  /** Nothing may follow the last frame. */
  finish(): void {
    if (this.#at < this.#piece.length || this.#nextPiece()) {
      throw brokenRecords('bytes follow its end');
    }
  }

  /** The next bytes: in the piece where they lie in one, else put together. */
  #read(length: number): void {
    const at = this.#at;
    if (at + length <= this.#piece.length) {
      this.#at = at + length;
      this.bytes = this.#piece;
      this.start = at;
      this.end = at + length;
      return;
    }
    if (this.#scratch.length < length) {
      this.#scratch = Buffer.alloc(length);
    }
    for (let done = 0; done < length;) {
      if (this.#at === this.#piece.length && !this.#nextPiece()) {
        throw brokenRecords('it ends early');
      }
      const until = Math.min(this.#piece.length, this.#at + length - done);
      done += this.#piece.copy(this.#scratch, done, this.#at, until);
      this.#at = until;
    }
    this.bytes = this.#scratch;
    this.start = 0;
    this.end = length;
  }

  #nextPiece(): boolean {
    for (let piece = this.#take(); piece !== undefined; piece = this.#take()) {
      if (piece.length > 0) {
        this.#before += this.#piece.length;
        this.#piece = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
        this.#at = 0;
        return true;
      }
    }
    return false;
  }
}

/** Takes a filled piece, and gives memory for the next. */
export type PieceSink = (piece: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** Writes frames into pieces, each frame whole in one: pieces must hold the largest frame and the magic. */
export class FrameWriter {
  readonly #give: PieceSink;
  #bytes: Buffer<ArrayBuffer>;
  #at = 0;

  constructor(give: PieceSink, first: Uint8Array<ArrayBuffer>, magic: Buffer) {
    this.#give = give;
    this.#bytes = asBuffer(first);
    this.#at = magic.copy(this.#bytes);
  }

  /** The memory of the open piece: frames are written in place, from where `begin` said. */
  get bytes(): Buffer<ArrayBuffer> {
    return this.#bytes;
  }

  /** Begins a frame whose body has at most `length` bytes; says where in `bytes` that goes. */
  begin(type: number, length: number): number {
    if (this.#at + headBytes + length > this.#bytes.length) {
      this.flush();
    }
    this.#bytes[this.#at + 4] = type;
    return this.#at + headBytes;
  }

  /** Ends the frame with its body up to `end`. */
  finish(end: number): void {
    this.#bytes.writeUInt32LE(end - this.#at - 4, this.#at);
    this.#at = end;
  }

  /** Gives away what was written, the open frame excepted, which has to be begun anew. */
  flush(): void {
    if (this.#at > 0) {
      const piece = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#at);
      this.#bytes = asBuffer(this.#give(piece));
      this.#at = 0;
    }
  }
}

/** Bytes that a piece needs at least. */
export const leastPieceBytes = magicBytes + headBytes + mostFrameBytes;

function asBuffer(bytes: Uint8Array<ArrayBuffer>): Buffer<ArrayBuffer> {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
