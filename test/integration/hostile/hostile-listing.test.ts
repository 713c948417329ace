import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { drill } from '../../../main/backup/drill/drill.ts';
import { exportArchive } from '../../../main/backup/export/export.ts';
import { restoreBackup } from '../../../main/backup/restore/restore-service.ts';
import { verifyVault } from '../../../main/backup/verify-service.ts';
import type { Entry } from '../../../main/vault/listing/entry.ts';
import { fileEntry, folderEntry, hardLinkEntry, symlinkEntry } from '../../fakes/entries.ts';
import { rejectionOf } from '../../helpers/rejection.ts';
import { echoVolume, inPlace } from '../../helpers/tiny-backup.ts';
import { liveState, quietly, tinyInstall } from '../../helpers/tiny-install.ts';
import type { TinyInstall } from '../../helpers/tiny-install.ts';
import { snapshotTree } from '../../helpers/tree-snapshot.ts';
import { commitHostile, evilFile } from './hostile-vault.ts';
import type { HostileSource } from './hostile-vault.ts';

const timeout = 600_000;

type Scene = Readonly<{ tiny: TinyInstall; outside: string; before: unknown }>;

/** An install, and beside it a folder that nobody may touch. */
async function scene(): Promise<Scene> {
  const tiny = await tinyInstall();
  const outside = path.join(tiny.base, 'outside');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'secret'), 'secret');
  return { tiny, outside, before: stateOf(tiny) };
}

/** All but vault, home and what a test names as its target. */
function stateOf(tiny: TinyInstall): unknown {
  const others = snapshotTree(tiny.base, (name) =>
    /^(?:vault|home|trinity|volumes|target)(?:\/|$)/u.test(name),
  );
  return {
    live: liveState(tiny),
    others: { ...others, '': readdirSync(tiny.base).filter((name) => name !== 'target') },
  };
}

/** Everything that takes entries out of a backup, and what it rejected with. */
async function takenOut({ tiny }: Scene, backupId: string): Promise<readonly unknown[]> {
  const { context } = tiny;
  const to = { way: 'to', folder: path.join(tiny.base, 'target/to') } as const;
  const newInstall = { way: 'new-install', folder: path.join(tiny.base, 'target/new') } as const;
  rmSync(path.join(tiny.base, 'target'), { recursive: true, force: true });
  mkdirSync(path.join(tiny.base, 'target'));
  return [
    await rejectionOf(restoreBackup(context, { backupId, destination: to, safetyBackup: false }, quietly)),
    await rejectionOf(restoreBackup(context, inPlace(backupId, { safetyBackup: false }), quietly)),
    await rejectionOf(restoreBackup(context, { ...inPlace(backupId), destination: newInstall }, quietly)),
    await rejectionOf(
      exportArchive(
        context,
        { backupId, component: 'memory', output: path.join(tiny.base, 'target/export.zip') },
        quietly,
      ),
    ),
  ];
}

function memory(entries: readonly Entry[]): HostileSource {
  return { component: 'memory', volume: echoVolume, entries };
}

const hostile: Readonly<Record<string, (outside: string) => readonly Entry[]>> = {
  'leaves the tree by ..': () => [evilFile('../outside/evil')],
  'names the folder above': () => [folderEntry('..')],
  'goes up from the middle': () => [folderEntry('a'), evilFile('a/../../../../outside/evil')],
  'names an absolute path': (outside) => [evilFile(`${outside}/evil`)],
  'writes through a symlink of its own': (outside) => [symlinkEntry('link', outside), evilFile('link/evil')],
  'says of a symlink that it is a folder, too': (outside) => [
    symlinkEntry('link', outside),
    folderEntry('link'),
    evilFile('link/evil'),
  ],
  'names a path twice': () => [evilFile('a'), evilFile('a')],
  'writes below a file': () => [evilFile('a'), evilFile('a/b')],
  'links to a file outside': () => [hardLinkEntry('stolen', '../../../outside/secret')],
  'links to a file outside by its whole path': (outside) => [hardLinkEntry('stolen', `${outside}/secret`)],
  'links through a symlink': (outside) => [
    symlinkEntry('link', outside),
    hardLinkEntry('stolen', 'link/secret'),
  ],
  'has a name with a zero byte': () => [evilFile('a\0b')],
};

describe('a listing that was made by hand', { timeout }, () => {
  it.each(Object.entries(hostile))('is refused as damaged by every door when it %s', async (_, entries) => {
    const there = await scene();
    const backupId = await commitHostile(there.tiny, [memory(entries(there.outside))]);
    for (const error of await takenOut(there, backupId)) {
      expect(error).toMatchObject({ name: 'AppError', kind: 'damaged' });
    }
    expect(stateOf(there.tiny)).toEqual(there.before);
    const { ok } = await verifyVault(there.tiny.context, { backupId, data: 'full' }, quietly);
    expect(ok).toBe(false);
  });

  it('is refused when its counts are not those of the manifest, or are beyond all bounds', async () => {
    const there = await scene();
    for (const listing of [{ entries: 1 }, { files: 2 ** 40 }, { bytes: Number.MAX_SAFE_INTEGER }]) {
      const backupId = await commitHostile(there.tiny, [{ ...memory([evilFile('a')]), listing }]);
      for (const error of await takenOut(there, backupId)) {
        expect(error).toMatchObject({ name: 'AppError', kind: 'damaged' });
      }
    }
    expect(stateOf(there.tiny)).toEqual(there.before);
  });

  it('may say that a file is a petabyte of nothing, and gets no room for it', async () => {
    const there = await scene();
    const { tiny } = there;
    const size = 2 ** 50;
    const sparse = fileEntry('sparse', { extents: [{ chunk: -1, offset: 0, length: size }] });
    const backupId = await commitHostile(tiny, [memory([sparse])]);
    const error = await rejectionOf(
      restoreBackup(tiny.context, inPlace(backupId, { safetyBackup: false }), quietly),
    );
    // Its CRC-32 is not that of so many zeros, or the file system has no such files.
    expect(error).toMatchObject({ name: 'AppError' });
    expect(stateOf(tiny)).toEqual(there.before);
  });
});

describe('a manifest that was made by hand', { timeout }, () => {
  it.each(['..', '.', '../../outside', '../outside/evil', 'a/b', '/tmp', 'a\0b'])(
    'cannot name a volume %j',
    async (volume) => {
      const there = await scene();
      const source = { component: 'memory', volume, entries: [evilFile('evil')] };
      const backupId = await commitHostile(there.tiny, [source]);
      for (const error of await takenOut(there, backupId)) {
        expect(error).toMatchObject({ name: 'AppError', kind: 'damaged' });
      }
      expect(stateOf(there.tiny)).toEqual(there.before);
    },
  );

  it('cannot name a folder of the host as one to be restored', async () => {
    const there = await scene();
    const source = {
      component: 'paths',
      volume: 'outside',
      entries: [evilFile('evil')],
      facts: { path: there.outside },
    };
    const backupId = await commitHostile(there.tiny, [source]);
    const error = await rejectionOf(restoreBackup(there.tiny.context, inPlace(backupId), quietly));
    expect(error).toMatchObject({ name: 'AppError', kind: 'refused' });
    expect(stateOf(there.tiny)).toEqual(there.before);
  });

  it('cannot call the database what leads elsewhere', async () => {
    const there = await scene();
    const file = { mode: 0o600, uid: 0, gid: 0, mtimeNs: '0' };
    for (const name of ['../evil', '..', '/evil', 'a/b']) {
      const source = { component: 'persistence', entries: [evilFile('trinity.db')], facts: { name, file } };
      const backupId = await commitHostile(there.tiny, [source]);
      const error = await rejectionOf(restoreBackup(there.tiny.context, inPlace(backupId), quietly));
      expect(error).toMatchObject({ name: 'AppError', kind: 'damaged' });
    }
    expect(stateOf(there.tiny)).toEqual(there.before);
  });

  it('cannot lead a restore elsewhere by where the install was', async () => {
    const there = await scene();
    const { tiny, outside } = there;
    const entries = [evilFile('evil')];
    const sources = [{ component: 'files', entries }, memory(entries)];
    for (const install of [
      { folder: '/', dataFolder: outside, volumesRoot: outside },
      { folder: tiny.base, dataFolder: outside },
      { folder: `${tiny.base}/x/..`, dataFolder: `${tiny.base}/x/../outside` },
    ]) {
      const backupId = await commitHostile(tiny, sources, { install: { ...install, trinityVersion: null } });
      await takenOut(there, backupId);
      expect(readdirSync(outside)).toEqual(['secret']);
    }
  });

  it.each(['trinity-data', 'volumes', 'trinity-data/agent-files', 'config'])(
    'cannot put a link at %s, where another part of it goes',
    async (name) => {
      const there = await scene();
      const { tiny, outside } = there;
      const folders = name.includes('/') ? [folderEntry('trinity-data')] : [];
      const backupId = await commitHostile(tiny, [
        { component: 'config', entries: [...folders, symlinkEntry(name, outside)] },
        {
          component: 'files',
          entries: [folderEntry('agent-files'), evilFile('agent-files/evil'), evilFile('x')],
        },
        memory([evilFile('evil')]),
      ]);
      const [, live] = await takenOut(there, backupId);
      if (name.startsWith('trinity-data')) {
        expect(live).toMatchObject({ name: 'AppError', kind: 'refused' });
        expect(stateOf(tiny)).toEqual(there.before);
      }
      expect(readdirSync(outside)).toEqual(['secret']);
    },
  );

  it('is rehearsed without harm', async () => {
    const there = await scene();
    const backupId = await commitHostile(there.tiny, [memory([evilFile('../../../outside/evil')])]);
    const outcome = await rejectionOf(drill(there.tiny.context, { backupId }, quietly));
    expect(outcome === undefined || outcome instanceof Error).toBe(true);
    expect(stateOf(there.tiny)).toEqual(there.before);
  });
});

describe('a target that is not what it seems', { timeout }, () => {
  it('is not written through when it is a link', async () => {
    const there = await scene();
    const { tiny, outside } = there;
    const backupId = await commitHostile(tiny, [memory([evilFile('evil')])]);
    const folder = path.join(tiny.base, 'target');
    symlinkSync(outside, folder);
    const to = { way: 'to', folder } as const;
    const error = await rejectionOf(
      restoreBackup(tiny.context, { ...inPlace(backupId), destination: to }, quietly),
    );
    expect(error).toMatchObject({ name: 'AppError' });
    expect(readdirSync(outside)).toEqual(['secret']);
  });
});
