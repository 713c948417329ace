import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { helperCommand } from '../../../../main/trinity/helper/helper-program.ts';
import { HostAccess } from '../../../../main/vault/capture/access/host-access.ts';
import { ContentRecordReader } from '../../../../main/vault/capture/records/content-record-reader.ts';
import { TreeRecordReader } from '../../../../main/vault/capture/records/tree-record-reader.ts';
import { TreeRecord } from '../../../../main/vault/capture/records/tree-record.ts';
import { WantedWriter } from '../../../../main/vault/capture/records/wanted-records.ts';
import { kinds } from '../../../../main/vault/listing/raw-entry.ts';
import { writeFidelityTree } from '../../../helpers/fidelity-tree.ts';
import { piecesOf, written } from '../../../helpers/record-bytes.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const { signal } = new AbortController();
const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;

type Said = Readonly<{ code: number | null; stdout: Buffer; stderr: string }>;

/** The program as a container runs it, but here. */
async function run(
  command: 'list' | 'send',
  root: string,
  input: Uint8Array,
  links: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const [program = '', ...rest] = helperCommand(command, root, JSON.stringify(links));
  const child = spawn(program, rest, { stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

async function listed(
  root: string,
  exclude: readonly string[] = [],
  only?: readonly string[],
): Promise<Buffer> {
  const { code, stdout, stderr } = await run(
    'list',
    root,
    Buffer.from(JSON.stringify({ exclude, only, sync: true })),
  );
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function listedHere(root: string, exclude: readonly string[] = []): Promise<Buffer> {
  await using access = new HostAccess(root);
  return await joined(access.list({ exclude, sync: false, signal }));
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(Buffer.from(piece));
  return Buffer.concat(parts);
}

/** Every record as text. The program knows no time of birth. */
function recordsOf(bytes: Buffer): readonly string[] {
  const reader = new TreeRecordReader(piecesOf(bytes, 100_000));
  const record = new TreeRecord();
  const found: string[] = [];
  for (;;) {
    const next = reader.next(record);
    if (next === 'end') return [...found, JSON.stringify(reader.totals)];
    if (next === 'finding') {
      const { code, errno, path } = reader.finding;
      found.push(`finding ${String(code)} ${String(errno)} ${path.toString('latin1')}`);
      continue;
    }
    const path = record.path.toString('latin1', 0, record.pathLength);
    const stat = JSON.stringify(record.stat, (name, value: unknown) =>
      name.startsWith('birth') ? 0 : value,
    );
    const bytesOf = `${record.target.toString('hex')} ${record.xattrs.toString('hex')}`;
    found.push(`${path} ${String(record.kind)} ${stat} ${bytesOf}`);
  }
}

/** A wanted stream of all files, and of one that is not there. */
function wantedOf(bytes: Buffer): Buffer {
  const reader = new TreeRecordReader(piecesOf(bytes, 100_000));
  const record = new TreeRecord();
  return written((give, first) => {
    const writer = new WantedWriter(give, first);
    for (let next = reader.next(record); next !== 'end'; next = reader.next(record)) {
      if (next === 'entry' && record.kind === kinds.file)
        writer.add(record.number, record.path, record.pathLength);
    }
    const absent = Buffer.from('zzz/absent');
    writer.add(4_000_000_000, absent, absent.length);
    writer.finish();
  });
}

async function sentHere(root: string, wanted: Buffer): Promise<Buffer> {
  await using access = new HostAccess(root);
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(wanted);
  };
  return await joined(access.send(stream(), signal));
}

/** The content stream without times of birth. */
function contentsOf(bytes: Buffer): Buffer {
  const plain = Buffer.from(bytes);
  for (let at = 8; at < plain.length;) {
    const length = plain.readUInt32LE(at);
    const type = String.fromCharCode(plain[at + 4] ?? 0);
    const stat = type === 'B' ? at + 13 : type === 'A' ? at + 5 : undefined;
    if (stat !== undefined) plain.fill(0, stat + 56, stat + 64);
    at += 4 + length;
  }
  return plain;
}

describe.skipIf(!hasPython)('volume-helper.py', () => {
  it('lists a tree as this host does', async () => {
    const root = join(await tempFolder(), 'tree');
    await writeFidelityTree(root);
    expect(recordsOf(await listed(root))).toStrictEqual(recordsOf(await listedHere(root)));
  });

  it('sends files as this host does, holes and attributes too', async () => {
    const root = join(await tempFolder(), 'tree');
    await writeFidelityTree(root);
    const wanted = wantedOf(await listed(root));
    const { code, stdout } = await run('send', root, wanted);
    expect(code).toBe(0);
    expect(contentsOf(stdout).equals(contentsOf(await sentHere(root, wanted)))).toBe(true);
    // Five gigabytes with one byte of data.
    expect(stdout.length).toBeLessThan(20_000_000);
    expect(new ContentRecordReader(piecesOf(stdout, 65_536)).nextNumber).toBeGreaterThan(0);
  });

  it.each([
    ['node_modules/'],
    ['*.log', '!keep.log'],
    ['a*c', '?.txt', '[a-c]x', '[!a-c]y'],
    ['[]]', '[a', '\\*', '[^é]x', 'na*ve'],
    ['/a/**/b', '**/c/*.py', 'b/**'],
    ['*a*b*c*', '*', '!a', '!a/**'],
    ['', '!', '/', '//', 'x', '!x/'],
    [`${'*a'.repeat(30)}*b`],
  ])('leaves out what this host would: %s', async (...rules) => {
    const root = await tempFolder();
    const names = ['a', 'abc', 'b', 'c', 'é.txt', '€x', 'ax', 'dy', ']', '[a', '*', 'x', 'naïve', 'keep.log'];
    for (const name of [...names, 'x.log', 'a1b2c3', 'node_modules', 'k.py', 'a'.repeat(200)]) {
      mkdirSync(join(root, 'b', name, 'c/b'), { recursive: true });
      mkdirSync(join(root, 'a', name), { recursive: true });
      for (const file of ['k.py', 'node_modules', 'x', 'a.txt'])
        writeFileSync(join(root, 'a', name, file), file);
      if (name.length > 2) writeFileSync(join(root, name), name);
      writeFileSync(Buffer.concat([Buffer.from(`${root}/a/${name}/`), Buffer.from([0xff, 0x79])]), 'bytes');
    }
    expect(recordsOf(await listed(root, rules))).toStrictEqual(recordsOf(await listedHere(root, rules)));
  });

  it('walks only the names that were asked for', async () => {
    const root = await tempFolder();
    for (const name of ['one', 'two', 'thrée']) mkdirSync(join(root, name, 'two'), { recursive: true });
    const paths = recordsOf(await listed(root, [], ['two', 'thrée'])).map((line) => line.split(' ', 1)[0]);
    const bytes = Buffer.from('thrée').toString('latin1');
    expect(paths.slice(0, -1)).toStrictEqual(['', bytes, `${bytes}/two`, 'two', 'two/two']);
  });

  it('follows no symlink that took the place of a folder or file', async () => {
    const root = await tempFolder();
    mkdirSync(join(root, 'folder'));
    writeFileSync(join(root, 'folder/secret'), 'ours');
    writeFileSync(join(root, 'file'), 'ours');
    const wanted = wantedOf(await listed(root));
    rmSync(join(root, 'folder'), { recursive: true });
    rmSync(join(root, 'file'));
    symlinkSync('/etc', join(root, 'folder'));
    symlinkSync('/etc/passwd', join(root, 'file'));
    const { stdout } = await run('send', root, wanted);
    expect(contentsOf(stdout).equals(contentsOf(await sentHere(root, wanted)))).toBe(true);
    expect(stdout.includes('root:')).toBe(false);
  });

  it('takes a link in the root for the file that it leads to, where that is asked for, and no other link', async () => {
    const [root, elsewhere] = [await tempFolder(), await tempFolder()];
    writeFileSync(join(elsewhere, 'prod.env'), 'of elsewhere');
    mkdirSync(join(root, 'below'));
    for (const name of ['.env', 'below/.env', 'other'])
      symlinkSync(join(elsewhere, 'prod.env'), join(root, name));
    symlinkSync('nowhere', join(root, 'dangling'));
    const links = { '.env': join(elsewhere, 'prod.env'), dangling: join(elsewhere, 'nowhere') };
    const { stdout } = await run('list', root, Buffer.from('{"exclude":[],"sync":false}'), links);
    const kindsFound = recordsOf(stdout).map((line) => line.split(' ', 2).join(' '));
    expect(kindsFound.slice(0, -1)).toStrictEqual([
      ` ${String(kinds.folder)}`,
      `.env ${String(kinds.file)}`,
      `below ${String(kinds.folder)}`,
      `below/.env ${String(kinds.symlink)}`,
      `dangling ${String(kinds.symlink)}`,
      `other ${String(kinds.symlink)}`,
    ]);
    const sent = await run('send', root, wantedOf(stdout), links);
    expect(sent.stdout.includes('of elsewhere')).toBe(true);
    const withoutLinks = await run('send', root, wantedOf(stdout));
    expect(withoutLinks.stdout.includes('of elsewhere')).toBe(false);
  });

  it('ends without the end marker, and says why, when it cannot go on', async () => {
    const root = await tempFolder();
    writeFileSync(join(root, 'file'), 'content');
    const wanted = wantedOf(await listed(root));
    const cut = await run('send', root, wanted.subarray(0, -4));
    expect(cut).toMatchObject({ code: 1, stderr: 'what was asked for ends early\n' });
    expect(cut.stdout.at(-13)).not.toBe('Z'.charCodeAt(0));
    const absent = await run('list', join(root, 'absent'), Buffer.from('{"exclude":[],"sync":false}'));
    expect(absent.code).toBe(1);
    expect(absent.stderr).toContain('No such file');
  });
});
