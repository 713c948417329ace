import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimes, setXattr } from '../../main/platform/libc.ts';

const isRoot = process.getuid?.() === 0;

/** A folder with everything that a backup has to keep, besides a FIFO and a socket, which it cannot. */
export async function writeFidelityTree(root: string): Promise<void> {
  fs.mkdirSync(root);
  writeNames(root);
  writeLinks(root);
  writeModes(root);
  writeContent(root);
  await writeSpecial(root);
  fs.mkdirSync(`${root}/empty/folder`, { recursive: true });
  setXattrWhereKept(`${root}/empty`);
  const times = { epoch: 0n, before: -123_456_789n, late: 4_102_444_800_987_654_321n };
  for (const [name, time] of Object.entries(times)) {
    fs.writeFileSync(`${root}/at-${name}`, name);
    setTimes(`${root}/at-${name}`, time, time);
  }
  setTimes(`${root}/empty`, 1n, 1_600_000_000_000_000_001n);
}

function writeNames(root: string): void {
  const names = ['new\nline', `"both' quotes`, 'back\\slash', 'üñí 文', 'n'.repeat(255)].map((name) =>
    Buffer.from(name),
  );
  for (const name of [...names, Buffer.from([0x6f, 0x64, 0xff, 0x80])]) {
    fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), name);
  }
}

function writeLinks(root: string): void {
  fs.mkdirSync(`${root}/links`);
  fs.writeFileSync(`${root}/links/first`, 'linked');
  fs.linkSync(`${root}/links/first`, `${root}/links/second`);
  fs.linkSync(`${root}/links/first`, `${root}/z-third`);
  setXattrWhereKept(`${root}/links/first`);
  fs.symlinkSync('no/such/file', `${root}/links/dangling`);
  fs.symlinkSync('/etc/passwd', `${root}/links/absolute`);
  fs.symlinkSync(Buffer.from([0x2e, 0x2f, 0xff]), `${root}/links/bytes`);
  fs.linkSync(`${root}/links/dangling`, `${root}/links/dangling-twin`);
}

function writeModes(root: string): void {
  fs.mkdirSync(`${root}/modes`);
  for (const mode of [0, 0o400, 0o4755, 0o2750, 0o1644]) {
    const file = `${root}/modes/${mode.toString(8)}`;
    fs.writeFileSync(file, file);
    if (isRoot) {
      fs.chownSync(file, 12_345, 54_321);
    }
    fs.chmodSync(file, isRoot ? mode : mode | 0o400);
  }
  fs.chmodSync(`${root}/modes`, isRoot ? 0 : 0o500);
}

function writeContent(root: string): void {
  fs.writeFileSync(`${root}/empty-file`, '');
  fs.writeFileSync(`${root}/large`, Buffer.alloc(6_000_000, 'large and repeating '));
  fs.writeFileSync(`${root}/sparse`, 'head');
  fs.truncateSync(`${root}/sparse`, 5 * 1024 ** 3);
  setXattrWhereKept(`${root}/large`);
}

async function writeSpecial(root: string): Promise<void> {
  execFileSync('mkfifo', [`${root}/fifo`]);
  const server = createServer();
  // The name of a socket is longer than the system takes, from here it is not.
  const folder = fs.openSync(root, 'r');
  server.listen(`/proc/self/fd/${String(folder)}/socket`);
  await once(server, 'listening');
  // Ended, a server would take its socket with it.
  server.unref();
  fs.closeSync(folder);
}

function setXattrWhereKept(file: string): void {
  try {
    setXattr(file, Buffer.from('user.test'), Buffer.from([0, 1, 255]));
  } catch {
    // This file system has no attributes: the rest is still worth a test.
  }
}
