import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RestoreSteps } from '../../main/backup/restore/restore-steps.ts';
import { OpenJournal } from '../../main/backup/restore/swap/journal.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import type { RestoreStep } from '../../shared/model/restore-steps.ts';
import { expectAccessible } from '../helpers/accessible.ts';
import { sharedBrowserLab } from '../helpers/browser-lab.ts';
import { snapshotTree } from '../helpers/tree-snapshot.ts';

const lab = sharedBrowserLab({ isSetUp: true });
const cause = 'The disk is full. Make room on it, then try again.';

function volume(): string {
  return path.join(lab.rest().volumes, 'agent-one-workspace/_data');
}

function notes(): string {
  return path.join(volume(), 'notes.txt');
}

beforeAll(async () => await lab.backUp());

async function toPlan(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Restore', exact: true }).click();
  await page.getByRole('button', { name: /^one/u }).click();
  await page
    .getByRole('list', { name: 'Backups' })
    .getByRole('button', { name: /By hand/u })
    .first()
    .click();
  await page.getByRole('button', { name: 'Back where it was' }).click();
}

/** Each restore fails as this step begins, until this is told to stop. */
function failAt(step: RestoreStep, error: Error = new AppError('failed', cause)): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its `this` below
  const begin = RestoreSteps.prototype.begin;
  const spy = vi.spyOn(RestoreSteps.prototype, 'begin').mockImplementation(function (
    this: RestoreSteps,
    name,
  ) {
    begin.call(this, name);
    if (name === step) throw error;
  });
  onTestFinished(() => spy.mockRestore());
  return () => spy.mockRestore();
}

/** Each restore fails when all is swapped and only the word is missing that it is so. */
function failAtCommit(): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its `this` below
  const update = OpenJournal.prototype.update;
  const spy = vi.spyOn(OpenJournal.prototype, 'update').mockImplementation(async function (
    this: OpenJournal,
    changes,
  ) {
    if (changes.phase === 'committed') throw new AppError('failed', cause);
    await update.call(this, changes);
  });
  onTestFinished(() => spy.mockRestore());
  return () => spy.mockRestore();
}

describe('a restore that fails', () => {
  it('ends in the old state and says so, at whichever step', async () => {
    writeFileSync(notes(), 'of today');
    const before = snapshotTree(volume());
    const page = await lab.open();
    await toPlan(page);
    const restore = page.getByRole('button', { name: /^Restore one from/u });
    const steps = [
      'fetch and check the data',
      'stop what writes',
      'back up what is live',
      'put the data in place',
    ] as const;
    for (const step of steps) {
      await restore.waitFor();
      const mend = failAt(step);
      await restore.click();
      await page.getByText('Nothing was changed.', { exact: true }).waitFor();
      await page.getByRole('alert').getByText(cause).first().waitFor();
      expect((await page.locator('li[data-state=failed]').textContent())?.toLowerCase()).toContain(step);
      expect(snapshotTree(volume())).toEqual(before);
      mend();
      await page.getByRole('button', { name: 'Back to the plan' }).click();
    }
  });

  it('puts back what it had changed already, says so, and can be tried again', async () => {
    writeFileSync(notes(), 'of today');
    const before = snapshotTree(volume());
    const page = await lab.open();
    await toPlan(page);
    const mend = failAtCommit();
    await page.getByRole('button', { name: /^Restore one from/u }).click();
    await page.getByText('Everything was put back as it was.', { exact: true }).waitFor();
    await page.getByRole('alert').getByText(cause).first().waitFor();
    expect(snapshotTree(volume())).toEqual(before);
    await expectAccessible(page, 'put back');
    mend();
    await page.getByRole('button', { name: 'Back to the plan' }).click();
    await page.getByRole('button', { name: /^Restore one from/u }).click();
    await page.getByText(/^Restored one\./u).waitFor();
    expect(readFileSync(notes(), 'utf8')).toBe('notes of one');
  });

  it('leads from an undo that fails to the same undo once more', async () => {
    writeFileSync(notes(), 'of today');
    const page = await lab.open();
    await toPlan(page);
    await page.getByRole('button', { name: /^Restore one from/u }).click();
    const undo = page.getByRole('button', { name: 'Undo', exact: true });
    await undo.waitFor();
    const mend = failAtCommit();
    await undo.click();
    await page.getByText('Everything was put back as it was.', { exact: true }).waitFor();
    expect(readFileSync(notes(), 'utf8')).toBe('notes of one');
    mend();
    await page.getByRole('button', { name: 'Try the undo again' }).click();
    await page.getByText(/^Undone: what was there before is back\./u).waitFor();
    expect(readFileSync(notes(), 'utf8')).toBe('of today');
  });

  it('goes on without a safety backup where none can be made, once that is planned', async () => {
    const database = path.join(lab.rest().install, 'trinity-data/trinity.db');
    rmSync(database);
    mkdirSync(database);
    const page = await lab.open({ isRefused: true });
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await page.getByRole('button', { name: /^The database/u }).click();
    await page.getByRole('list', { name: 'Backups' }).getByRole('button').first().click();
    await page.getByRole('button', { name: 'Back where it was' }).click();
    const restore = page.getByRole('button', { name: /^Restore the database from/u });
    await restore.click();
    await page.getByText('Nothing was changed.', { exact: true }).waitFor();
    await page
      .getByRole('alert')
      .getByText('It can be restored without one', { exact: false })
      .first()
      .waitFor();
    await expectAccessible(page, 'no safety backup');
    await page.getByRole('button', { name: 'Plan it without a safety backup' }).click();
    await page.getByText('No safety backup is made: this cannot be undone.').waitFor();
    const without = page.getByRole('checkbox', { name: 'Restore without a safety backup' });
    expect(await without.isChecked()).toBe(true);
    await restore.click();
    await page.getByText(/^Restored the database\./u).waitFor();
    expect(statSync(database).isFile()).toBe(true);
    // A step that is not taken does not stand there as one to come.
    expect(await page.getByText('Back up what is live').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Undo', exact: true }).count()).toBe(0);
  });

  it('claims nothing where nobody knows: after the unforeseen, and when all is in place already', async () => {
    const page = await lab.open();
    await toPlan(page);
    const restore = page.getByRole('button', { name: /^Restore one from/u });
    const unknown = page.getByText('Whether anything was changed is not known.', { exact: true });
    const mend = failAt('fetch and check the data', new TypeError('x is not a function'));
    await restore.click();
    await unknown.waitFor();
    await expectAccessible(page, 'not known');
    mend();
    await page.getByRole('button', { name: 'Back to the plan' }).click();
    failAt('start Trinity and check it');
    await restore.click();
    await unknown.waitFor();
    expect(await page.getByText('Nothing was changed').count()).toBe(0);
  });
});
