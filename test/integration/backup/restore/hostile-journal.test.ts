import fs from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMeta } from '../../../../main/backup/restore/staging/folder-meta.ts';
import { journalsFolder, listJournals, OpenJournal } from '../../../../main/backup/restore/swap/journal.ts';
import { toJournalMeta } from '../../../../main/backup/restore/swap/journal-model.ts';
import { recoverRestores } from '../../../../main/backup/restore/swap/recover-restores.ts';
import { workFolderName } from '../../../../main/components/work-folder.ts';
import { withChecksum } from '../../../../main/vault/format/checked-json.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { snapshotTree } from '../../../helpers/tree-snapshot.ts';

const restoreId = '0123456789ab';

type Scene = Readonly<{ base: string; home: string; live: string; file: string; journal: Buffer }>;

/** A restore of one file that was killed in the middle of its swap: the live file is parked, nothing has taken its place. */
async function cutOff(): Promise<Scene> {
  const base = await tempFolder();
  const [home, live] = [path.join(base, 'home'), path.join(base, 'live')];
  const work = path.join(live, workFolderName(restoreId, 'test'));
  for (const folder of [home, path.join(work, 'parked'), path.join(base, 'outside/folder')]) {
    await mkdir(folder, { recursive: true });
  }
  await writeFile(path.join(base, 'outside/file'), 'outside');
  await writeFile(path.join(work, 'parked/0'), 'old');
  await writeFile(path.join(work, 'new'), 'new');
  const meta = readMeta({ root: live, path: Buffer.alloc(0) });
  if (meta === undefined) throw new Error('It is there.');
  await using journal = await OpenJournal.begin(home, {
    restoreId,
    backupId: 'ba9876543210',
    startedAt: '2026-01-01T00:00:00.000Z',
  });
  const at = (name: string) => ({ root: live, path: name });
  const inWork = (name: string) => at(`${path.basename(work)}/${name}`);
  await journal.update({
    phase: 'swapping',
    workFolders: [work],
    madeFolders: [path.join(live, 'made')],
    moves: [
      { kind: 'park', group: 0, from: at('file'), to: inWork('parked/0') },
      { kind: 'place', group: 0, from: inWork('new'), to: at('file'), identity: '1:1' },
    ],
    absents: [{ group: 0, live: at('file-journal') }],
    folders: [{ live: at(''), before: toJournalMeta(meta), after: toJournalMeta(meta) }],
  });
  const file = path.join(journalsFolder(home), `restore-${restoreId}.json`);
  return { base, home, live, file, journal: fs.readFileSync(file) };
}

const hostileValues = [
  'null',
  '-1',
  '1e300',
  '{}',
  '"\\u0000"',
  '"\\\\q"',
  '"\\ud800"',
  '"../outside/file"',
  '"a/../../outside/file"',
  '"."',
  '"9999999999999999999"',
  '"committed"',
  '["/../.."]',
  '['.repeat(100_000) + ']'.repeat(100_000),
];

/** Every text that one value or name of a JSON text, replaced by a hostile one, makes. */
function* spoiled(text: string): Generator<string> {
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|-?[0-9][0-9.e+]*|\[\]|\{\}|\[|\{/gu)) {
    const end = match.index + match[0].length;
    for (const value of hostileValues) yield text.slice(0, match.index) + value + text.slice(end);
  }
}

describe('the journal of a restore', () => {
  it('is recovered from as it is', async () => {
    const { home, live } = await cutOff();
    expect(await recoverRestores(home)).toMatchObject([{ result: 'undone' }]);
    expect(fs.readdirSync(live)).toEqual(['file']);
  });

  it('moves nothing and stays, when any byte of it has changed or its end is cut off', async () => {
    const { base, home, file, journal } = await cutOff();
    const before = snapshotTree(base, (name) => name.startsWith('home'));
    const expectLeft = async (bytes: Buffer): Promise<void> => {
      fs.writeFileSync(file, bytes);
      expect(await recoverRestores(home)).toMatchObject([{ restoreId, result: 'failed' }]);
    };
    for (let at = 0; at < journal.length; at += 3) {
      const flipped = Buffer.from(journal);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
      await expectLeft(flipped);
      await expectLeft(journal.subarray(0, at));
    }
    expect(snapshotTree(base, (name) => name.startsWith('home'))).toEqual(before);
    expect(await listJournals(home)).toHaveLength(1);
    fs.writeFileSync(file, journal);
    expect(await recoverRestores(home)).toMatchObject([{ result: 'undone' }]);
  });

  it('touches nothing but what is below its own places, whatever somebody wrote into it, and never ends a recovery', async () => {
    let scene = await cutOff();
    const outside = (): unknown => snapshotTree(path.join(scene.base, 'outside'));
    let before = outside();
    const state = (): unknown => snapshotTree(scene.live);
    let untouched = state();
    const start = scene.journal.toString('utf8').replace(/,"checksum":.*\n$/u, '');
    const { base } = scene;
    let tried = 0;
    for (const text of spoiled(start)) {
      fs.writeFileSync(scene.file, withChecksum(text.replaceAll(base, scene.base)));
      const [recovered] = await recoverRestores(scene.home);
      expect(recovered?.result).toMatch(/^(?:undone|finished|failed)$/u);
      expect({ text, outside: outside() }).toEqual({ text, outside: before });
      tried += 1;
      if (recovered?.result === 'failed' && JSON.stringify(state()) === JSON.stringify(untouched)) continue;
      scene = await cutOff();
      before = outside();
      untouched = state();
    }
    expect(tried).toBeGreaterThan(500);
  });
});
