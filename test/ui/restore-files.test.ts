import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page, Route } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { snapshotTree, type TreeSnapshot } from '../helpers/tree-snapshot.ts';

const lab = sharedBrowserLab({ isSetUp: true });
let first: TreeSnapshot = {};

function volumeOf(agent: string): string {
  return path.join(lab.rest().volumes, `agent-${agent}-workspace/_data`);
}

beforeAll(async () => {
  await lab.backUp();
  first = snapshotTree(volumeOf('one'));
  writeFileSync(path.join(volumeOf('one'), 'notes.txt'), 'the second version');
  await lab.backUp();
  await lab.backUp();
});

async function toFiles(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Restore', exact: true }).click();
  await page.getByRole('button', { name: /^Files and folders/u }).click();
}

async function restoreBack(page: Page, button: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Back where it was' }).click();
  await page.getByRole('button', { name: button }).click();
  await page.getByText(/^Restored /u).waitFor();
}

describe('files in the restore wizard', () => {
  it('are found by name in all backups, offered only where they differ, and nothing else is touched', async () => {
    const before = snapshotTree(volumeOf('one'));
    const page = await lab.open();
    await toFiles(page);
    await page.getByLabel('Name').fill('notes');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('button', { name: /agent-one-workspace.*2 versions/u }).click();
    await page.getByText('1 other holds the same').waitFor();
    const offered = page.getByRole('list', { name: 'Backups' }).getByRole('button');
    await expect.poll(async () => await offered.count()).toBe(2);
    await offered.last().click();
    await restoreBack(page, /^Restore notes\.txt from/u);
    const { 'notes.txt': notes, ...others } = snapshotTree(volumeOf('one'));
    expect(notes).toBe(first['notes.txt']);
    expect({ ...others, '': '' }).toEqual({ ...before, 'notes.txt': undefined, '': '' });
  });

  it('are chosen in the tree of a backup, some of them and no others', async () => {
    const before = snapshotTree(volumeOf('two'));
    for (const name of ['large.bin', 'notes.txt', 'gone-later.txt'])
      writeFileSync(path.join(volumeOf('two'), name), 'overwritten');
    const page = await lab.open();
    await toFiles(page);
    await page.getByRole('tab', { name: 'Look through a backup' }).click();
    await page.getByRole('button', { name: /agent-two-workspace/u }).click();
    await page.getByRole('checkbox', { name: 'large.bin' }).check();
    await page.getByRole('checkbox', { name: 'notes.txt' }).check();
    await page.getByRole('button', { name: 'Go on with 2 files and folders' }).click();
    await restoreBack(page, /^Restore 2 files and folders from/u);
    const after = snapshotTree(volumeOf('two'));
    expect([after['large.bin'], after['notes.txt']]).toEqual([before['large.bin'], before['notes.txt']]);
    expect(after['gone-later.txt']).not.toBe(before['gone-later.txt']);
  });

  it('says that nothing was changed when the vault is away in the middle, and why', async () => {
    writeFileSync(path.join(volumeOf('one'), 'large.bin'), 'overwritten');
    const before = snapshotTree(volumeOf('one'));
    const page = await lab.open();
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await page.getByRole('button', { name: /^one/u }).click();
    await page.getByRole('list', { name: 'Backups' }).getByRole('button').first().click();
    await page.getByRole('button', { name: 'Back where it was' }).click();
    const restore = page.getByRole('button', { name: /^Restore one from/u });
    await restore.waitFor();
    const packs = path.join(lab.rest().base, 'vault/packs');
    renameSync(packs, `${packs}-away`);
    try {
      await restore.click();
      await page.getByText('Nothing was changed.', { exact: true }).waitFor();
      await page.getByRole('alert').waitFor();
      await page.getByRole('list', { name: 'Steps' }).getByText('failed').waitFor();
    } finally {
      renameSync(`${packs}-away`, packs);
    }
    expect(snapshotTree(volumeOf('one'))).toEqual(before);
  });

  it('of a folder of a million are read as they come into sight, and few are drawn', async () => {
    const page = await lab.open();
    await page.route('**/ipc/backups.files', answerWithMany);
    await toFiles(page);
    await page.getByRole('tab', { name: 'Look through a backup' }).click();
    await page.getByRole('button', { name: /agent-one-workspace/u }).click();
    await page.getByText('file-000000.txt').waitFor();
    const list = page.getByRole('list', { name: 'Files of the backup' });
    for (let pages = 1; pages <= 5; pages += 1) {
      await list.evaluate((element: { scrollTop: number; scrollHeight: number }) => {
        element.scrollTop = element.scrollHeight;
      });
      await page.getByText(`file-${String(pages * manyAtOnce).padStart(6, '0')}.txt`).waitFor();
      expect(await list.getByRole('listitem').count()).toBeLessThan(60);
    }
  });
});

const manyAtOnce = 20_000;

/** A page of a folder of a million files. */
async function answerWithMany(route: Route): Promise<void> {
  const { after } = route.request().postDataJSON() as { after?: string };
  const start = after === undefined ? 0 : Number(after);
  const files = Array.from({ length: manyAtOnce }, (_, index) => ({
    component: 'memory',
    volume: 'agent-one-workspace',
    path: `file-${String(start + index).padStart(6, '0')}.txt`,
    kind: 'file',
    size: 1000,
    mode: '0644',
    uid: 0,
    gid: 0,
    mtime: '2026-01-01T00:00:00.000000000Z',
  }));
  await route.fulfill({ json: { ok: true, value: { files, next: String(start + manyAtOnce) } } });
}
