/** What a tar entry says of a file, folder or link. Paths and targets are raw bytes. */
export type TarEntry = Readonly<{
  kind: 'file' | 'folder' | 'symlink' | 'link';
  path: Buffer;
  target?: Buffer;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtimeNs: bigint;
  xattrs: readonly Readonly<{ name: Buffer; value: Buffer }>[];
}>;

export const tarBlock = 512;
const types = { file: '0', link: '1', symlink: '2', folder: '5' } as const;
const paxType = 'x';
const nsPerSecond = 1_000_000_000n;

/** The header of an entry, preceded by a PAX header that says everything which the old one cannot: bytes of names, ns, ids, attributes. */
export function tarHeader(entry: TarEntry): Buffer {
  const pax = paxOf(entry);
  return Buffer.concat([
    block({ type: paxType, size: pax.length, mode: 0o644 }),
    padded(pax),
    block({ type: types[entry.kind], size: entry.size, mode: entry.mode }),
  ]);
}

/** Zeros that fill the last block of content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((tarBlock - (size % tarBlock)) % tarBlock);
}

export const tarEnd = Buffer.alloc(2 * tarBlock);

function paxOf({ path, target, size, uid, gid, mtimeNs, xattrs }: TarEntry): Buffer {
  const numbers = { size, uid, gid, mtime: secondsOf(mtimeNs) };
  return Buffer.concat([
    record('path', path),
    ...(target === undefined ? [] : [record('linkpath', target)]),
    ...Object.entries(numbers).map(([key, value]) => record(key, Buffer.from(String(value)))),
    ...xattrs.map(({ name, value }) => record(`SCHILY.xattr.${name.toString('latin1')}`, value)),
  ]);
}

/** Its length counts its own digits. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`, 'latin1'), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function secondsOf(timeNs: bigint): string {
  const absolute = timeNs < 0n ? -timeNs : timeNs;
  const part = (absolute % nsPerSecond).toString().padStart(9, '0');
  return `${timeNs < 0n ? '-' : ''}${(absolute / nsPerSecond).toString()}.${part}`;
}

function block({ type, size, mode }: Readonly<{ type: string; size: number; mode: number }>): Buffer {
  const bytes = Buffer.alloc(tarBlock);
  bytes.write('entry', 0);
  bytes.write(octal(mode, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  // What does not fit stands in the PAX header alone.
  bytes.write(octal(size < 8 ** 11 ? size : 0, 11), 124);
  bytes.write(octal(0, 11), 136);
  bytes.write(' '.repeat(8), 148);
  bytes.write(type, 156);
  bytes.write('ustar\0', 257);
  bytes.write('00', 263);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148);
  return bytes;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, tarPadding(bytes.length)]);
}
