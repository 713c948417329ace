import { createHash } from 'node:crypto';

export type SummedFile = Readonly<{
  size: number;
  crc32: number;
  mode: number;
  uid: number;
  gid: number;
}>;

const modulus = 2n ** 128n;

/**
 * A sum over all names, links and files of a tree that does not depend on their order, nor on which name of a file comes first: two trees
 * of the same sum are the same. It takes no room, however many there are.
 */
export class TreeSum {
  #sum = 0n;

  name(path: Buffer, kind: 'file' | 'folder' | 'symlink', target = ''): void {
    this.#add(['name', kind, path.toString('utf8'), target]);
  }

  /** Of each file once, under whatever name. */
  file({ size, crc32, mode, uid, gid }: SummedFile): void {
    this.#add(['file', ...[size, crc32, mode, uid, gid].map(String)]);
  }

  folder({ mode, uid, gid }: Omit<SummedFile, 'size' | 'crc32'>, path: Buffer): void {
    this.#add(['folder', path.toString('utf8'), ...[mode, uid, gid].map(String)]);
  }

  /** With all that was added to what had this sum before. */
  after(before: bigint): bigint {
    return (before + this.#sum) % modulus;
  }

  #add(parts: readonly string[]): void {
    const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
    this.#sum = (this.#sum + BigInt(`0x${hash}`)) % modulus;
  }
}
