import type { Picture } from './rasterize.ts';

/** The types of macOS's icon file by the pixels they hold; the last four are the ones of half that size for finer screens. */
const types: readonly (readonly [type: string, size: number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
];

/** The sizes that the file is made of. */
export const icnsSizes: readonly number[] = [...new Set(types.map(([, size]) => size))];

/** macOS's icon file, of a picture for each of `icnsSizes`. */
export function icnsOf(pictures: readonly Picture[]): Buffer {
  const parts = types.flatMap(([type, size]) => {
    const png = pictures.find((picture) => picture.size === size)?.png;
    return png === undefined ? [] : [chunk(type, png)];
  });
  return chunk('icns', Buffer.concat(parts));
}

/** Four letters, the length of the whole, the content. */
function chunk(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32BE(header.length + content.length, 4);
  return Buffer.concat([header, content]);
}
