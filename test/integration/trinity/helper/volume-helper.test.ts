import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { helperCommand } from '../../../../main/trinity/helper/helper-program.ts';
import { TreeAnswers } from '../../../../main/trinity/helper/tree-answers.ts';
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
  const { code, stdout, stderr } = await run('list', root, question({ exclude, only, sync: true }));
  if (code !== 0) throw new Error(stderr);
  return await answered(stdout);
}

type Question = Readonly<{
  exclude?: readonly string[];
  only?: readonly string[] | undefined;
  sync?: boolean;
  again?: boolean;
  since?: boolean;
}>;

function question(more: Question = {}): Buffer {
  const usual = { exclude: [], sync: false, again: false, since: false };
  return Buffer.from(`${JSON.stringify({ ...usual, ...more })}\n`);
}

/** The one tree stream that was answered. */
async function answered(stdout: Buffer): Promise<Buffer> {
  return await joined(new TreeAnswers(Readable.from([stdout], { objectMode: false })).next(undefined));
}

type Listings = Readonly<{ before: Buffer; after: Buffer; firstBytes: number; secondBytes: number }>;

/** Lists twice by one process, the second time only what `change` has changed. */
async function listedTwice(root: string, change: () => void): Promise<Listings> {
  const [program = '', ...rest] = helperCommand('list', root, '{}');
  const child = spawn(program, rest, { stdio: 'pipe' });
  const answers = new TreeAnswers(child.stdout);
  child.stdin.write(question({ again: true }));
  const before = await joined(answers.next(undefined));
  const firstBytes = answers.bytesReceived;
  const file = join(await tempFolder(), 'before');
  writeFileSync(file, before);
  change();
  const fd = openSync(file, 'r');
  child.stdin.end(question({ since: true }));
  const after = await joined(answers.next(fd));
  closeSync(fd);
  return { before, after, firstBytes, secondBytes: answers.bytesReceived - firstBytes };
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

  it('tells of a tree that it has listed only what is different now', async () => {
    const root = join(await tempFolder(), 'tree');
    await writeFidelityTree(root);
    for (const folder of ['a', 'b', 'c', 'gone', 'turned']) {
      mkdirSync(join(root, 'more', folder), { recursive: true });
      for (let file = 0; file < 300; file += 1) writeFileSync(join(root, 'more', folder, `${file}\n`), 'x');
    }
    const more = (...names: readonly string[]): string => join(root, 'more', ...names);
    const { before, after, firstBytes, secondBytes } = await listedTwice(root, () => {
      writeFileSync(more('a', '7\n'), 'y');
      chmodSync(more('a', '8\n'), 0o600);
      rmSync(more('b', '9\n'));
      writeFileSync(Buffer.concat([Buffer.from(more('b/')), Buffer.from([0xff, 0x0a])]), 'new');
      renameSync(more('c'), more('0'));
      rmSync(more('gone'), { recursive: true });
      rmSync(more('turned'), { recursive: true });
      symlinkSync('a', more('turned'));
      linkSync(more('a', '5\n'), more('b', 'linked'));
    });
    expect(recordsOf(after)).toStrictEqual(recordsOf(await listedHere(root)));
    expect(after.equals(before)).toBe(false);
    // The folder that was renamed, of five that are as large.
    expect(secondBytes).toBeLessThan(firstBytes / 3);
  });

  it('tells of a tree that stayed as it was next to nothing', async () => {
    const root = await tempFolder();
    for (let file = 0; file < 2000; file += 1) writeFileSync(join(root, String(file)), '');
    const { before, after, secondBytes } = await listedTwice(root, () => undefined);
    expect(recordsOf(after)).toStrictEqual(recordsOf(before));
    expect(secondBytes).toBeLessThan(200);
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
    const { stdout } = await run('list', root, question(), links);
    const tree = await answered(stdout);
    const kindsFound = recordsOf(tree).map((line) => line.split(' ', 2).join(' '));
    expect(kindsFound.slice(0, -1)).toStrictEqual([
      ` ${String(kinds.folder)}`,
      `.env ${String(kinds.file)}`,
      `below ${String(kinds.folder)}`,
      `below/.env ${String(kinds.symlink)}`,
      `dangling ${String(kinds.symlink)}`,
      `other ${String(kinds.symlink)}`,
    ]);
    const sent = await run('send', root, wantedOf(tree), links);
    expect(sent.stdout.includes('of elsewhere')).toBe(true);
    const withoutLinks = await run('send', root, wantedOf(tree));
    expect(withoutLinks.stdout.includes('of elsewhere')).toBe(false);
  });

  it('ends without the end marker, and says why, when it cannot go on', async () => {
    const root = await tempFolder();
    writeFileSync(join(root, 'file'), 'content');
    const wanted = wantedOf(await listed(root));
    const cut = await run('send', root, wanted.subarray(0, -4));
    expect(cut).toMatchObject({ code: 1, stderr: 'what was asked for ends early\n' });
    expect(cut.stdout.at(-13)).not.toBe('Z'.charCodeAt(0));
    const absent = await run('list', join(root, 'absent'), question());
    expect(absent.code).toBe(1);
    expect(absent.stderr).toContain('No such file');
  });
});
