import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { OperationOptions } from '../../main/app/operation.ts';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { rejectionOf } from '../helpers/rejection.ts';
import { unwatched } from '../helpers/tiny-engine.ts';
import { snapshotTree } from '../helpers/tree-snapshot.ts';

const lab = sharedBrowserLab({ isSetUp: true });
function volumeOf(agent: string): string {
  return path.join(lab.rest().volumes, `agent-${agent}-workspace/_data`);
}

function vaultFolder(): string {
  return path.join(lab.rest().base, 'vault');
}

beforeAll(async () => await lab.backUp());

async function toWhen(page: Page, what: string): Promise<void> {
  await page.getByRole('link', { name: 'Restore', exact: true }).click();
  await page.getByRole('button', { name: new RegExp(`^${what}`, 'u') }).click();
  await page.getByRole('heading', { level: 2, name: 'From when?' }).waitFor();
}

async function toPlan(page: Page, what: string): Promise<void> {
  await toWhen(page, what);
  await page.getByRole('list', { name: 'Backups' }).getByRole('button').first().click();
  await page.getByRole('button', { name: 'Back where it was' }).click();
}

async function untilCancelled({ signal }: OperationOptions): Promise<never> {
  const cancelled = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => cancelled.reject(signal.reason), { once: true });
  return await cancelled.promise;
}

/** A run that holds the writer until it is cancelled. */
async function holdWriter(): Promise<unknown> {
  return await rejectionOf(lab.rest().application.engine.exclusively('backup', unwatched, untilCancelled));
}

/** Restores that are begun from now on come to nothing before they are cancelled. */
function holdRestores(): void {
  const { engine } = lab.rest().application;
  const exclusively = engine.exclusively.bind(engine);
  const held: typeof engine.exclusively = async (label, options) => {
    await exclusively(label, options, untilCancelled);
    throw new Error('What is held does not end by itself.');
  };
  const spy = vi.spyOn(engine, 'exclusively').mockImplementation(held);
  onTestFinished(() => spy.mockRestore());
}

/** A task is known for one life of the application: from now on it is another one. */
async function forgetTasks(page: Page): Promise<void> {
  const error = { kind: 'not-found', message: 'There is no such task.', details: {} };
  const forgotten = { json: { ok: false, error } };
  await page.route('**/ipc/tasks.get', async (route) => await route.fulfill(forgotten));
}

function moveVault(to: 'away' | 'back'): void {
  const away = `${vaultFolder()}-away`;
  if (to === 'away') renameSync(vaultFolder(), away);
  else if (existsSync(away)) renameSync(away, vaultFolder());
}

afterEach(() => moveVault('back'));

describe('the restore wizard, when something is in its way', () => {
  it('says which run is in the way, cancels it, and restores', async () => {
    writeFileSync(path.join(volumeOf('one'), 'notes.txt'), 'overwritten');
    const page = await lab.open();
    const held = holdWriter();
    await toPlan(page, 'one');
    await page.getByText('A backup is running. It is cancelled first, and nothing of it is kept.').waitFor();
    await expectAccessible(page, 'busy');
    await page.getByRole('button', { name: /^Cancel it and restore one from/u }).click();
    await page.getByText(/^Restored one\./u).waitFor();
    expect(await held).toMatchObject({ kind: 'cancelled' });
    await expectAccessible(page, 'result');
  });

  it('leads to another backup where the one that was chosen is gone by then', async () => {
    await lab.backUp();
    const page = await lab.open({ isRefused: true });
    await toWhen(page, 'one');
    const offered = page.getByRole('list', { name: 'Backups' }).getByRole('button');
    await expect.poll(async () => await offered.count()).toBeGreaterThan(1);
    const before = await offered.count();
    await offered.first().click();
    // Another machine has deleted it: nobody here was told.
    const manifests = path.join(vaultFolder(), 'backups');
    const newest = await newestBackup();
    renameSync(path.join(manifests, newest), path.join(lab.rest().base, newest));
    await page.getByRole('button', { name: 'Back where it was' }).click();
    await page.getByRole('alert').getByText(newest, { exact: false }).first().waitFor();
    await expectAccessible(page, 'gone');
    await page.getByRole('button', { name: 'Choose another backup' }).click();
    await expect.poll(async () => await offered.count()).toBe(before - 1);
    renameSync(path.join(lab.rest().base, newest), path.join(manifests, newest));
  });

  it('says that the vault is away, before and while it plans, and goes on when it is back', async () => {
    const page = await lab.open({ isRefused: true });
    moveVault('away');
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await page.getByRole('alert').first().waitFor();
    await expectAccessible(page, 'away');
    moveVault('back');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: /^one/u }).click();
    await page.getByRole('list', { name: 'Backups' }).getByRole('button').first().click();
    moveVault('away');
    await page.getByRole('button', { name: 'Back where it was' }).click();
    await page.getByRole('alert').first().waitFor();
    expect(await page.getByRole('button', { name: /^Restore one/u }).count()).toBe(0);
    moveVault('back');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: /^Restore one from/u }).waitFor();
  });

  it('reads the copy of a vault that is away, says so, and can be undone', async () => {
    const { application, base } = lab.rest();
    await application.run('copiesAdd', { location: path.join(base, 'copy'), name: 'attic' }, unwatched);
    // It is copied to by itself.
    const standing = async () => await application.run('copiesStatus', {}, unwatched);
    await expect.poll(standing).toMatchObject([{ lacks: 0, isRunning: false }]);
    writeFileSync(path.join(volumeOf('one'), 'notes.txt'), 'overwritten');
    const destroyed = snapshotTree(volumeOf('one'));
    moveVault('away');
    const page = await lab.open({ isRefused: true });
    await toWhen(page, 'one');
    await page
      .getByText('The vault is away: these backups are in its copy attic', { exact: false })
      .waitFor();
    await expectAccessible(page, 'copy');
    await page.getByRole('list', { name: 'Backups' }).getByRole('button').first().click();
    await page.getByRole('button', { name: 'Back where it was' }).click();
    await page.getByText('The copy attic of the vault is read.').waitFor();
    await page.getByRole('button', { name: /^Restore one from/u }).click();
    await page.getByText(/^Restored one\./u).waitFor();
    expect(snapshotTree(volumeOf('one'))['notes.txt']).not.toBe(destroyed['notes.txt']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => snapshotTree(volumeOf('one'))['notes.txt']).toBe(destroyed['notes.txt']);
    await page.getByText(/^Undone: what was there before is back\./u).waitFor();
    moveVault('back');
    await application.run('copiesRemove', { name: 'attic' }, unwatched);
  });

  for (const when of ['before its first answer', 'in the middle'])
    it(`says that a restore was cut off ${when}, when the application was ended and started meanwhile`, async () => {
      const page = await lab.open({ isRefused: true });
      await toPlan(page, 'The configuration');
      const restore = page.getByRole('button', { name: /^Restore the configuration from/u });
      await restore.waitFor();
      holdRestores();
      if (when === 'before its first answer') await forgetTasks(page);
      await restore.click();
      if (when === 'in the middle') {
        await page.getByText('Restoring the configuration', { exact: true }).waitFor();
        await forgetTasks(page);
        await page.getByText('It was cut off.').first().waitFor();
      }
      const told = page.getByText(/Activity says what became of it/u).first();
      await told.waitFor();
      // Whatever is told of other runs makes the page ask for this one again.
      const askedAgain = page.waitForResponse('**/ipc/tasks.get');
      await lab.rest().application.run('cancel', {}, unwatched);
      await askedAgain;
      await told.waitFor();
    });

  it('has one way to cancel while it restores, and says that nothing was changed', async () => {
    const page = await lab.open();
    await toPlan(page, 'one');
    const restore = page.getByRole('button', { name: /^Restore one from/u });
    await restore.waitFor();
    holdRestores();
    await restore.click();
    const cancel = page.getByRole('button', { name: /^Cancel/u });
    await cancel.waitFor();
    await page.getByText('Restoring one', { exact: true }).waitFor();
    expect(await cancel.count()).toBe(1);
    await expectAccessible(page, 'restoring');
    const overview = await lab.open();
    await overview
      .getByRole('main')
      .getByRole('status')
      .getByText(/^Restoring/u)
      .waitFor();
    const other = overview.getByRole('button', { name: /^Cancel/u });
    await other.waitFor();
    expect(await other.count()).toBe(1);
    await cancel.click();
    await page.getByText('Nothing was changed.', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Back to the plan' }).click();
    await restore.waitFor();
    await expect.poll(async () => await cancel.count()).toBe(0);
  });

  it('names what is damaged, changes nothing, and writes what is whole into a folder', async () => {
    const before = new Set(packs());
    writeFileSync(path.join(volumeOf('one'), 'large.bin'), randomBytes(400_000));
    await lab.backUp();
    // The middle of what has just been written is the middle of that file.
    const largest = packs()
      .filter((pack) => !before.has(pack))
      .toSorted((left, right) => statSync(right).size - statSync(left).size)[0];
    damage(largest ?? '');
    writeFileSync(path.join(volumeOf('one'), 'large.bin'), 'overwritten');
    const destroyed = snapshotTree(volumeOf('one'));
    const page = await lab.open();
    await toPlan(page, 'one');
    await page.getByRole('button', { name: /^Restore one from/u }).click();
    await page.getByText('Nothing was changed.', { exact: true }).waitFor();
    await page.getByRole('alert').getByText('large.bin', { exact: false }).first().waitFor();
    expect(snapshotTree(volumeOf('one'))).toEqual(destroyed);
    await expectAccessible(page, 'damaged');
    await page.getByRole('button', { name: 'Write what is whole into a folder' }).click();
    const folder = path.join(lab.rest().base, 'whole');
    await page.getByLabel('Into a folder').fill(folder);
    await page.getByRole('button', { name: 'Use this folder' }).click();
    await page.getByRole('button', { name: /^Restore one from/u }).click();
    await page.getByText(/It is damaged in this backup, and was left out.*large\.bin/u).waitFor();
    const written = readdirSync(path.join(folder, 'memory/agent-one-workspace'));
    expect(written).toContain('notes.txt');
    expect(written).not.toContain('large.bin');
    await expectAccessible(page, 'in part');
    await page.getByRole('button', { name: 'Restore something else' }).click();
    await page.getByRole('heading', { level: 2, name: 'What do you want back?' }).waitFor();
  });

  it('is opened by the key of the sheet where the vault is locked', async () => {
    const { application } = lab.rest();
    const { recoveryKey } = await application.run('keysNewRecoveryKey', {}, unwatched);
    const { deviceKeyFile } = application.engine.home;
    renameSync(deviceKeyFile, `${deviceKeyFile}-lost`);
    application.engine.forgetVault();
    const page = await lab.open({ isRefused: true });
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await page.getByRole('alert').first().waitFor();
    await page.getByText('The vault is locked on this computer.', { exact: false }).waitFor();
    await expectAccessible(page, 'locked');
    await page.getByRole('alert').getByRole('link', { name: 'Unlock' }).click();
    await page.getByRole('textbox', { name: 'Recovery key' }).fill(recoveryKey);
    await expectAccessible(page, 'unlock');
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('The vault is open.', { exact: false }).waitFor();
    await expectAccessible(page, 'unlocked');
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await page.getByRole('button', { name: /^one/u }).waitFor();
  });
});

function packs(): readonly string[] {
  const folder = path.join(vaultFolder(), 'packs');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function damage(file: string): void {
  const bytes = readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 0xff, middle);
  writeFileSync(file, bytes);
}

async function newestBackup(): Promise<string> {
  const { backups } = await lab.rest().application.run('listPage', { trashed: false, limit: 1 }, unwatched);
  const [newest] = backups;
  if (newest === undefined) throw new Error('There is no backup.');
  return newest.backupId;
}
