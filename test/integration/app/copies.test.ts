import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { CommandLab } from '../../helpers/command-lab.ts';
import { flipIn } from '../../helpers/copy-lab.ts';
import { backUp, idsIn, nas, sharedCopiedLab } from '../../helpers/copied-lab.ts';

const standing = z.array(
  z.object({
    name: z.string(),
    lacks: z.number().nullable(),
    behindSince: z.string().nullable(),
    copiedAt: z.string().nullable(),
    problem: z.string().nullable(),
    backups: z.number(),
  }),
);

const shared = sharedCopiedLab();

async function statusOf(lab: CommandLab): Promise<z.infer<typeof standing>[number]> {
  const [first] = standing.parse(await lab.json(['copies', 'status']));
  if (first === undefined) throw new Error('There is no copy.');
  return first;
}

describe('copies', () => {
  it('are made, filled and told of', async () => {
    const lab = await shared().copy();
    expect(await statusOf(lab)).toMatchObject({ name: 'nas', lacks: 0, behindSince: null, backups: 1 });
    const id = await backUp(lab);
    expect(await statusOf(lab)).toMatchObject({ lacks: 1, behindSince: expect.any(String) });
    expect(await lab.json(['copies', 'run', 'nas'])).toMatchObject({
      copies: [{ name: 'nas', copied: [id] }],
    });
    expect(await statusOf(lab)).toMatchObject({ lacks: 0, copiedAt: expect.any(String), problem: null });
    expect((await lab.run(['copies', 'status'])).stdout).toContain('nas: has every backup.');
    expect((await lab.run(['copies', 'list'])).stdout).toContain(nas(lab));
  });

  it('are refused where they would be in the way, and where something else lies', async () => {
    const lab = await shared().copy();
    const other = path.join(lab.base, 'other-home');
    await lab.json([
      '--home',
      other,
      'init',
      '--vault',
      path.join(lab.base, 'foreign'),
      '--passphrase-file',
      lab.passphraseFile,
    ]);
    mkdirSync(path.join(lab.base, 'full'));
    writeFileSync(path.join(lab.base, 'full/file'), 'x');
    const refused = [
      [lab.vault, 1, 'the vault'],
      [path.join(lab.vault, 'inside'), 1, 'lies in the vault'],
      [lab.base, 1, 'holds the vault'],
      [path.join(lab.install, 'copy'), 1, 'lies in the install'],
      [path.join(lab.home, 'copy'), 1, 'lies in the home folder'],
      [path.join(nas(lab), 'copy'), 1, 'lies in the copy nas'],
      [path.join(lab.base, 'foreign'), 1, 'Another vault lies at'],
      [path.join(lab.base, 'full'), 2, 'not empty'],
      ['ftp://somewhere', 2, 'cannot lie at'],
    ] as const;
    for (const [place, code, words] of refused) {
      const ended = await lab.run(['copies', 'add', place, '--name', 'new']);
      expect([place, ended.code, ended.stderr]).toEqual([place, code, expect.stringContaining(words)]);
    }
    const named = await lab.run(['copies', 'add', path.join(lab.base, 'new'), '--name', 'nas']);
    expect([named.code, named.stderr]).toEqual([2, expect.stringContaining('already')]);
    const odd = await lab.run(['copies', 'add', path.join(lab.base, 'new'), '--name', 'N A S']);
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('small letters')]);
    const unknown = await lab.run(['copies', 'run', 'nowhere']);
    expect([unknown.code, unknown.stderr]).toEqual([5, expect.stringContaining('There are nas.')]);
    await lab.run(['copies', 'remove', 'nas']);
    expect((await lab.run(['copies', 'add', nas(lab), '--name', 'again'])).stdout).toContain(
      'was there already',
    );
  });

  it('take settings of their own, but no other place', async () => {
    const lab = await shared().copy();
    await lab.json(['settings', 'set', 'copies.nas.required', 'false']);
    await lab.json(['settings', 'set', 'copies.nas.retention.newest', '50']);
    expect(await lab.json(['settings', 'get', 'copies.nas'])).toMatchObject({
      required: false,
      retention: { newest: 50, daily: 14 },
    });
    await lab.json(['settings', 'set', 'copies.nas.retention', 'null']);
    for (const name of ['copies', 'copies.nas', 'copies.nas.location', 'copies.other.required']) {
      const ended = await lab.run(['settings', 'set', name, '"/elsewhere"']);
      expect([name, ended.code]).toEqual([name, name.startsWith('copies.other') ? 5 : 2]);
    }
    expect((await lab.run(['settings', 'set', 'copies.nas.enabled', '5'])).stderr).toContain('true or false');
  });

  it('are forgotten, and open as vaults of their own', async () => {
    const lab = await shared().copy();
    const ids = await idsIn(lab);
    await lab.json(['copies', 'remove', 'nas']);
    expect(await lab.json(['copies', 'list'])).toEqual([]);
    const home = path.join(lab.base, 'new-home');
    const key = ['--recovery-key-file', path.join(lab.base, 'recovery-key')];
    rmSync(lab.vault, { recursive: true });
    await lab.json(['--home', home, 'connect', '--vault', nas(lab), ...key]);
    expect(await idsIn(lab, '--home', home)).toEqual(ids);
  });
});

describe('a copy that becomes the vault', () => {
  it('is none any more, and the vault that was left becomes one of it', async () => {
    const lab = await shared().copy();
    await backUp(lab);
    await lab.json(['connect', '--vault', nas(lab), '--passphrase-file', lab.passphraseFile]);
    expect(await lab.json(['copies', 'list'])).toEqual([]);
    const made = await backUp(lab);
    expect(await lab.json(['copies', 'add', lab.vault, '--name', 'old'], 3)).toMatchObject({ isNew: false });
    expect(await lab.json(['copies', 'run'])).toMatchObject({ copies: [{ copied: [made], trashed: [] }] });
    // What only the old one has stays there.
    expect(await idsIn(lab, '--from', 'old')).toHaveLength(3);
  });
});

describe('a vault that is damaged', () => {
  it('is healed from its copy by the next run', async () => {
    const lab = await shared().copy();
    const packs = path.join(lab.vault, 'packs');
    for (const name of readdirSync(packs, { recursive: true, encoding: 'utf8' })) {
      if (name.includes('/')) flipIn(packs, name);
    }
    await lab.json(['verify', '--data', 'full'], 6);
    const { copies } = z
      .object({
        copies: z.array(z.object({ healed: z.object({ packs: z.number(), stillLost: z.number() }) })),
      })
      .parse(await lab.json(['copies', 'run']));
    expect(copies[0]?.healed).toMatchObject({ packs: expect.any(Number), stillLost: 0 });
    await lab.json(['verify', '--data', 'full']);
  });
});

describe('an edition without the module', () => {
  it('copies to folders, but neither to buckets nor by rules', async () => {
    const lab = await shared().copy();
    await lab.json(['settings', 'set', 'copies.nas.retention.newest', '5']);
    const oss = { TRINITY_OSS_ONLY: '1' };
    expect((await lab.run(['copies', 'run', 'nas'], oss)).code).toBe(8);
    await lab.json(['settings', 'set', 'copies.nas.retention', 'null']);
    expect((await lab.run(['copies', 'run', 'nas'], oss)).code).toBe(0);
    const bucket = 's3://bucket/prefix?endpoint=http://127.0.0.1:9&region=us-east-1';
    expect((await lab.run(['copies', 'add', bucket], oss)).code).toBe(8);
    expect((await lab.run(['settings', 'set', 'copies.nas.retention.newest', '5'], oss)).code).toBe(8);
  });
});

describe('backups that a required copy lacks', () => {
  it('are kept in the vault until it has them', async () => {
    const lab = await shared().copy();
    for (const rule of ['daily', 'weekly', 'monthly'])
      await lab.json(['settings', 'set', `retention.${rule}`, '0']);
    await lab.json(['settings', 'set', 'retention.newest', '1']);
    renameSync(nas(lab), `${nas(lab)}-away`);
    const first = await backUp(lab);
    const second = await backUp(lab);
    expect(await idsIn(lab)).toEqual([second, first]);
    expect(await lab.json(['prune', '--dry-run'])).toMatchObject({
      pruned: [],
      waiting: [{ backupId: first }],
    });
    const failed = await lab.run(['copies', 'run', 'nas']);
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('Waiting for the vault')]);
    expect(await statusOf(lab)).toMatchObject({ lacks: 2, problem: expect.stringContaining('Waiting') });
    renameSync(`${nas(lab)}-away`, nas(lab));
    await lab.json(['copies', 'run']);
    expect(await lab.json(['prune', '--confirm'])).toMatchObject({
      pruned: [{ backupId: first }],
      waiting: [],
    });
  });

  it('count as lacking when this home has forgotten what the copy holds', async () => {
    const lab = await shared().copy();
    rmSync(path.join(lab.home, 'copies.json'));
    expect(await statusOf(lab)).toMatchObject({ lacks: 1, copiedAt: null });
    expect(await lab.json(['copies', 'run'])).toMatchObject({ copies: [{ copied: [], sentPacks: 0 }] });
    expect(await statusOf(lab)).toMatchObject({ lacks: 0 });
    writeFileSync(path.join(lab.home, 'copies.json'), '{"version":1,"copies":{"nas":');
    expect(await statusOf(lab)).toMatchObject({ lacks: 1 });
  });
});

describe('serve', () => {
  it('copies after each backup, without anybody asking', async () => {
    const lab = await shared().copy();
    const server = lab.start(['serve', '--port', '0']);
    onTestFinished(() => server.kill('SIGKILL'));
    while (!existsSync(path.join(lab.home, 'engine.sock'))) await delay(10);
    // Answered by the server, which has started all it runs by then.
    expect(await statusOf(lab)).toMatchObject({ lacks: 0 });
    const id = await backUp(lab);
    while (!(await idsIn(lab, '--from', 'nas')).includes(id)) await delay(200);
    server.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
    expect(await statusOf(lab)).toMatchObject({ lacks: 0 });
  });
});
