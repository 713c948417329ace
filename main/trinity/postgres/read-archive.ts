import { ArchiveBytes, brokenArchive } from './archive-bytes.ts';
import { readContents, type ArchiveContents, type ArchiveEntry } from './archive-contents.ts';

/** A dump that was read from end to end and holds all that it lists. */
export type Archive = ArchiveContents &
  Readonly<{
    /** By table; with its schema where that is not `public`. */
    rowCounts: Readonly<Record<string, number>>;
  }>;

export type ReadArchiveOptions = Readonly<{
  signal: AbortSignal;
  /** Gets what `COPY` would be given for this table, line by line without its end; undefined for no interest. */
  linesOf?: (entry: ArchiveEntry) => ((line: Buffer) => void) | undefined;
}>;

const dataBlock = 1;
const largeObjectBlock = 3;
const newline = 10;
/** Ends the rows of a table. */
const endOfRows = Buffer.from('\\.\n\n\n');
/** A row that is larger is passed over, not kept in memory. */
const maxLineBytes = 16 * 1024 * 1024;

/**
 * Reads a file of `pg_dump -Fc -Z0` to its end: every table that it lists has its rows there, and each block is whole. `damaged` else,
 * so a dump that was cut off anywhere is never taken. Any bytes can be read, also hostile ones.
 */
export async function readArchive(file: string, options: ReadArchiveOptions): Promise<Archive> {
  await using bytes = await ArchiveBytes.open(file, options.signal);
  const contents = await readContents(bytes);
  const missing = new Map(
    contents.entries.filter(({ hasData }) => hasData).map((entry) => [entry.id, entry]),
  );
  const rowCounts: [string, number][] = [];
  while (!(await bytes.isAtEnd())) {
    const type = await bytes.byte();
    const id = await bytes.int();
    const entry = missing.get(id);
    if (entry === undefined) throw brokenArchive('it holds data that it does not list');
    missing.delete(id);
    if (type === largeObjectBlock) await skipLargeObjects(bytes);
    else if (type !== dataBlock) throw brokenArchive('a block in it is of no known kind');
    else if (entry.kind === 'TABLE DATA')
      rowCounts.push([tableKey(entry), await readRows(bytes, options.linesOf?.(entry))]);
    else await skipBlock(bytes);
  }
  const [first] = missing.values();
  if (first !== undefined) throw brokenArchive(`the data of ${tableKey(first)} is missing`);
  // From entries: a table called __proto__ stays a plain key.
  return { ...contents, rowCounts: Object.fromEntries(rowCounts) };
}

export function tableKey({ schema, name }: Pick<ArchiveEntry, 'schema' | 'name'>): string {
  return schema === 'public' || schema === '' ? name : `${schema}.${name}`;
}

async function skipBlock(bytes: ArchiveBytes): Promise<void> {
  await readPieces(bytes, () => undefined);
}

async function skipLargeObjects(bytes: ArchiveBytes): Promise<void> {
  while ((await bytes.int()) !== 0) await skipBlock(bytes);
}

async function readPieces(bytes: ArchiveBytes, take: (part: Buffer) => void): Promise<void> {
  for (;;) {
    const length = await bytes.int();
    if (length === 0) return;
    if (length < 0) throw brokenArchive('a block in it has no length');
    await bytes.stream(length, take);
  }
}

/** Counts the rows: within one a line end is always escaped. */
async function readRows(
  bytes: ArchiveBytes,
  takeLine: ((line: Buffer) => void) | undefined,
): Promise<number> {
  let lines = 0;
  let tail: Buffer = Buffer.alloc(0);
  const collect = takeLine === undefined ? undefined : lineCollector(takeLine);
  await readPieces(bytes, (part) => {
    for (let at = part.indexOf(newline); at !== -1; at = part.indexOf(newline, at + 1)) lines += 1;
    const end = part.subarray(-endOfRows.length);
    tail = Buffer.concat([tail, end]).subarray(-endOfRows.length);
    collect?.(part);
  });
  if (!tail.equals(endOfRows)) throw brokenArchive('the rows of a table in it have no end');
  return lines - 3;
}

function lineCollector(takeLine: (line: Buffer) => void): (part: Buffer) => void {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let isOver = false;
  const keep = (piece: Buffer): void => {
    begunBytes += piece.length;
    if (begunBytes <= maxLineBytes) begun.push(Buffer.from(piece));
  };
  return (part) => {
    let from = 0;
    for (let at = part.indexOf(newline); at !== -1; at = part.indexOf(newline, from)) {
      keep(part.subarray(from, at));
      from = at + 1;
      const line = Buffer.concat(begun);
      isOver ||= line.equals(endOfRows.subarray(0, 2));
      if (!isOver && begunBytes <= maxLineBytes) takeLine(line);
      begun = [];
      begunBytes = 0;
    }
    keep(part.subarray(from));
  };
}
