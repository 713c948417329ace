import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiveWriter } from '../../../../main/backup/export/archive-writer.ts';
import { exportArchive } from '../../../../main/backup/export/export.ts';
import type { ExportOutcome, ExportRequest } from '../../../../main/backup/export/export.ts';
import type { MemoryTree } from '../../../fakes/memory-listing.ts';
import { MemoryVault } from '../../../fakes/memory-vault.ts';
import { readZip } from '../../../helpers/read-zip.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const { signal } = new AbortController();
const big = randomBytes(3_000_000);
const binaryName = Buffer.from([0x6e, 0xff, 0x2e, 0x74]);

/** Everything that archives treat in ways of their own. */
async function sampleTree(memory: MemoryVault): Promise<MemoryTree> {
  const tree = memory
    .tree()
    .folder('a', { stat: { mode: 0o750 } })
    .folder('a/empty', { stat: { mode: 0o711 } });
  await tree.file('a/big', [big.subarray(0, 2_000_000), 1_000_000, big.subarray(2_000_000)], {
    stat: { mode: 0o755 },
  });
  await tree.file('a/closed', [Buffer.from('closed')], { stat: { mode: 0 } });
  await tree.file('a/empty-file');
  await tree.file(`a/${'l'.repeat(255)}`, [Buffer.from('long')]);
  tree.symlink('a/link', '../a/big');
  await tree.file(Buffer.from('b\\slash'), [Buffer.from('backslash')]);
  await tree.file('c:colon', [Buffer.from('colon')]);
  await tree.file('late', [], { stat: { mtimeNs: 4_102_444_800_000_000_000n, uid: 3_000_000 } });
  await tree.file('n%FF.t', [Buffer.from('taken')]);
  await tree.file(binaryName, [Buffer.from('binary')]);
  await tree.file('new\nline ü', [Buffer.from('odd')]);
  await tree.file('zero', [5_000_000]);
  return tree.hardLink('ztwin', 'a/big');
}

async function sampleVault() {
  const memory = new MemoryVault();
  const tree = await sampleTree(memory);
  const other = memory.tree();
  await other.file('shared.txt', [Buffer.from('shared')]);
  const id = await memory.add([
    { component: 'memory', volume: 'agent-echo-workspace', agents: ['echo'], tree },
    { component: 'memory', volume: 'agent-echo-public', agents: ['echo', 'fox'], tree: other },
    { component: 'files', tree: other },
  ]);
  return { memory, id };
}

async function exported(name: string, request: Partial<ExportRequest> = { agent: 'echo' }) {
  const { memory, id } = await sampleVault();
  const output = path.join(await tempFolder(), name);
  const outcome = await exportArchive(
    { vault: memory.vault },
    { backupId: id, output, ...request },
    { signal },
  );
  expect(memory.leases).toBe(0);
  return { output, outcome, memory, id };
}

function expectOutcome(outcome: ExportOutcome, output: string): void {
  expect(outcome).toMatchObject({
    sources: ['memory/agent-echo-workspace', 'memory/agent-echo-public'],
    output,
    archiveBytes: fs.statSync(output).size,
    warnings: [],
    notes: [{ code: 'names-escaped' }],
  });
  expect(fs.statSync(output).mode & 0o7777).toBe(0o600);
  expect(fs.readdirSync(path.dirname(output))).toEqual([path.basename(output)]);
}

describe('exportArchive, tar.gz', () => {
  it('writes what tar unpacks to the same tree', async () => {
    const { output, outcome } = await exported('echo.tar.gz');
    expectOutcome(outcome, output);
    const target = path.join(await tempFolder(), 'out');
    fs.mkdirSync(target);
    execFileSync('tar', ['-xpzf', output, '-C', target, '--no-same-owner']);
    const at = (name: string) => path.join(target, 'agent-echo-workspace', name);
    expect(fs.readFileSync(at('a/big'))).toEqual(
      Buffer.concat([big.subarray(0, 2_000_000), Buffer.alloc(1_000_000), big.subarray(2_000_000)]),
    );
    const modes = ['a', 'a/empty', 'a/big', 'a/closed'].map((name) => fs.statSync(at(name)).mode & 0o7777);
    expect(modes).toEqual([0o750, 0o711, 0o755, 0]);
    expect(fs.statSync(at('a/big')).mtimeMs).toBe(1_700_000_000_000);
    expect(fs.statSync(at('late')).mtimeMs).toBe(4_102_444_800_000);
    expect(fs.statSync(at('ztwin')).ino).toBe(fs.statSync(at('a/big')).ino);
    expect(fs.readlinkSync(at('a/link'))).toBe('../a/big');
    expect(fs.readdirSync(at('a/empty'))).toEqual([]);
    expect(new Set(fs.readdirSync(at('.')))).toEqual(
      new Set(['a', 'b\\slash', 'c:colon', 'late', 'n%FF.t', 'n%FF.t~', 'new\nline ü', 'zero', 'ztwin']),
    );
    expect(fs.readFileSync(at('n%FF.t~'), 'utf8')).toBe('binary');
    expect(fs.readFileSync(at('zero')).equals(Buffer.alloc(5_000_000))).toBe(true);
    expect(fs.readFileSync(path.join(target, 'agent-echo-public/shared.txt'), 'utf8')).toBe('shared');
  });

  it('keeps numeric owners, large ones too', async () => {
    const { output } = await exported('echo.tar.gz');
    const list = execFileSync('tar', ['-tvzf', output, '--numeric-owner'], { encoding: 'utf8' });
    expect(list.split('\n').find((line) => line.endsWith('/late'))).toMatch(/ 3000000\//u);
  });
});

describe('exportArchive, zip', () => {
  it('writes every entry, further names as content', async () => {
    const { output, outcome } = await exported('echo.zip');
    expectOutcome(outcome, output);
    const members = await readZip(output);
    const of = (name: string) => members.find((member) => member.name === `agent-echo-workspace/${name}`);
    expect(of('a/big')?.content.length).toBe(4_000_000);
    expect(of('ztwin')?.content.equals(of('a/big')?.content ?? Buffer.alloc(0))).toBe(true);
    expect(of('zero')?.content.equals(Buffer.alloc(5_000_000))).toBe(true);
    expect(of('a/big')?.mode).toBe(0o100755);
    expect(of('a/closed')?.mode).toBe(0o100000);
    expect(of('a/empty/')?.mode).toBe(0o040711);
    expect(of('a/link')?.mode).toBe(0o120777);
    expect(of('a/link')?.content.toString()).toBe('../a/big');
    expect(of('b%5Cslash')?.content.toString()).toBe('backslash');
    expect(of('c:colon')?.content.toString()).toBe('colon');
    expect(of('n%FF.t')?.content.toString()).toBe('taken');
    expect(of('n%FF.t~')?.content.toString()).toBe('binary');
    expect(of('new\nline ü')?.content.toString()).toBe('odd');
    expect(of('a/big')?.modified.getTime()).toBe(1_700_000_000_000);
    expect(members.map(({ name }) => name)).toContain('agent-echo-public/shared.txt');
  });

  it('names the folder of a component without volumes by the component', async () => {
    const { output } = await exported('files.zip', { component: 'files' });
    expect((await readZip(output)).map(({ name }) => name)).toEqual(['files/', 'files/shared.txt']);
  });

  it('can be read in the form for more files and bytes than old tools know', async () => {
    const output = path.join(await tempFolder(), 'large.zip');
    await using handle = await fs.promises.open(output, 'wx');
    await using writer = await ArchiveWriter.open('zip', handle, true);
    const stat = { mode: 0o600, uid: 0, gid: 0, size: 4, mtimeNs: 0n, ctimeNs: 0n, inode: 0n };
    await writer.add({ kind: 'file', name: 'f', stat }, Buffer.from('file'));
    await writer.finish();
    expect(fs.readFileSync(output).includes(Buffer.from('PK\x06\x06', 'latin1'))).toBe(true);
    expect((await readZip(output)).map(({ content }) => content.toString())).toEqual(['file']);
  });
});

describe('exportArchive, when it cannot', () => {
  it.each([
    [{ agent: 'nobody' }, 'a.zip', 'not-found'],
    [{ component: 'paths' }, 'a.zip', 'not-found'],
    [{ agent: 'echo', component: 'files' }, 'a.zip', 'usage'],
    [{}, 'a.zip', 'usage'],
    [{ agent: 'echo' }, 'a.rar', 'usage'],
    [{ agent: 'echo' }, 'no/such/folder/a.zip', 'failed'],
    [{ agent: 'echo', backupId: 'x' }, 'a.zip', 'usage'],
  ])('says so: %j to %s', async (request, name, kind) => {
    const { memory, id } = await sampleVault();
    const folder = await tempFolder();
    const output = path.join(folder, name);
    const run = exportArchive({ vault: memory.vault }, { backupId: id, output, ...request }, { signal });
    await expect(run).rejects.toMatchObject({ kind });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('refuses to write over anything', async () => {
    const { memory, id } = await sampleVault();
    const output = path.join(await tempFolder(), 'mine.zip');
    fs.writeFileSync(output, 'mine');
    const run = exportArchive({ vault: memory.vault }, { backupId: id, agent: 'echo', output }, { signal });
    await expect(run).rejects.toMatchObject({ kind: 'refused' });
    expect(fs.readFileSync(output, 'utf8')).toBe('mine');
  });

  it.each(['out.zip', 'out.tar.gz'])(
    'leaves nothing and names the file, when %s meets damage',
    async (name) => {
      for (const [file, content] of [
        ['small', Buffer.from('right')],
        ['large', big],
      ] as const) {
        const memory = new MemoryVault();
        const tree = memory.tree();
        await tree.file(file, [content]);
        const id = await memory.add([{ component: 'files', tree }]);
        memory.chunks.replace(tree.chunkId(0), Buffer.alloc(content.length, 1));
        const folder = await tempFolder();
        const request = { backupId: id, component: 'files', output: path.join(folder, name) };
        await expect(exportArchive({ vault: memory.vault }, request, { signal })).rejects.toMatchObject({
          kind: 'damaged',
          details: { files: [file] },
        });
        expect(fs.readdirSync(folder)).toEqual([]);
        expect(memory.leases).toBe(0);
      }
    },
  );

  it.each(['out.zip', 'out.tar.gz'])(
    'ends as cancelled in the middle of a file and leaves nothing: %s',
    async (name) => {
      const memory = new MemoryVault();
      const tree = memory.tree();
      await tree.file('large', [randomBytes(2_000_000), randomBytes(2_000_000)]);
      const id = await memory.add([{ component: 'files', tree }]);
      const controller = new AbortController();
      const folder = await tempFolder();
      const request = { backupId: id, component: 'files', output: path.join(folder, name) };
      const onProgress = (): void => {
        controller.abort();
      };
      const run = exportArchive({ vault: memory.vault }, request, { signal: controller.signal, onProgress });
      await expect(run).rejects.toThrow(/abort|cancel/iu);
      expect(fs.readdirSync(folder)).toEqual([]);
    },
  );

  it('fails, when the disk cannot take the archive', async () => {
    if (!fs.existsSync('/dev/full')) {
      return;
    }
    await using handle = await fs.promises.open('/dev/full', 'w');
    await using writer = await ArchiveWriter.open('zip', handle, false);
    const stat = { mode: 0o600, uid: 0, gid: 0, size: 1_000_000, mtimeNs: 0n, ctimeNs: 0n, inode: 0n };
    const writing = async (): Promise<void> => {
      for (;;) {
        await writer.add({ kind: 'file', name: 'f', stat }, randomBytes(stat.size));
      }
    };
    await expect(writing()).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});
