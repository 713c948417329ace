/** One table of a dump: its columns and the lines that COPY would be given. */
export type ArchiveTable = Readonly<{ name: string; columns: readonly string[]; lines: readonly string[] }>;

/** Bytes as `pg_dump -Fc -Z0` writes them to a pipe, in one of its formats (14 is of Postgres 12 to 15, 15 of 16, 16 of 17). */
export function archiveOf(tables: readonly ArchiveTable[], format = 15): Buffer {
  const header = [
    Buffer.from('PGDMP'),
    Buffer.from([1, format, 0, 4, 8, 1]),
    format >= 15 ? Buffer.from([0]) : int(0),
    ...Array.from({ length: 7 }, () => int(1)),
    ...['trinity', '16.4', '16.4'].map(text),
    int(tables.length * 2),
  ];
  const entries = tables.flatMap((table, index) => [
    entry(format, { id: 100 + index, kind: 'TABLE', table, hasData: false }),
    entry(format, { id: index + 1, kind: 'TABLE DATA', table, hasData: true }),
  ]);
  const blocks = tables.flatMap(({ lines }, index) => [
    Buffer.from([1]),
    int(index + 1),
    ...[...lines, '\\.\n\n'].map((line) => text(`${line}\n`)),
    int(0),
  ]);
  return Buffer.concat([...header, ...entries, ...blocks]);
}

type Entry = Readonly<{ id: number; kind: string; table: ArchiveTable; hasData: boolean }>;

function entry(format: number, { id, kind, table, hasData }: Entry): Buffer {
  const columns = table.columns.map((column) =>
    /^\w+$/u.test(column) ? column : `"${column.replaceAll('"', '""')}"`,
  );
  const copy = hasData ? `COPY public.${table.name} (${columns.join(', ')}) FROM stdin;\n` : '';
  return Buffer.concat([
    int(id),
    int(hasData ? 1 : 0),
    ...['0', '0', table.name, kind].map(text),
    int(1),
    ...['', '', copy, 'public', ''].map(text),
    ...(format >= 14 ? [text('heap')] : []),
    ...(format >= 16 ? [int(114)] : []),
    ...['trinity', 'false', '7'].map(text),
    int(-1),
    Buffer.from([hasData ? 1 : 3]),
    Buffer.alloc(8),
  ]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int(bytes.length), bytes]);
}
