import fs from 'node:fs';

/** Fills `target` from `position` on; gives how many bytes there were: fewer only where the file ends. */
export function readRange(fd: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.length) {
    const read = fs.readSync(fd, target, done, target.length - done, position + done);
    if (read === 0) {
      break;
    }
    done += read;
  }
  return done;
}
