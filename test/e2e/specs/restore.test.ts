import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { countClicks } from '../../helpers/count-clicks.ts';
import { sharedDesktopLab } from '../desktop-lab.ts';

const lab = sharedDesktopLab({ isSetUp: true });

/** With the steps that everybody goes through. */
async function toWhere(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^one/u }).click();
  await page.getByRole('list', { name: 'Backups' }).getByRole('button').first().click();
}

describe('a restore on the desktop', () => {
  it('leads from the tray to a restored agent in at most six clicks', async () => {
    const command = lab.command();
    await command.json(['backup']);
    const notes = path.join(command.volumes, 'agent-one-workspace/_data/notes.txt');
    rmSync(notes);
    const app = lab.start(['--hidden']);
    await app.chooseInTray('Restore…');
    const page = await app.window();
    const clicks = await countClicks(page);
    await toWhere(page);
    await page.getByRole('button', { name: 'Back where it was' }).click();
    await page.getByRole('button', { name: /^Restore one from/u }).click();
    await page.getByText(/^Restored one\./u).waitFor();
    expect(readFileSync(notes, 'utf8')).toBe('notes of one');
    // The menu of the tray and its item are two more.
    expect((await clicks()) + 2).toBeLessThanOrEqual(6);
    // What went back to where it was lies where nobody has to look.
    expect(await page.getByRole('button', { name: 'Open folder' }).count()).toBe(0);
  });

  it('shows a restored folder in the file manager, and the vault', async () => {
    const command = lab.command();
    const folder = path.join(command.base, 'restored');
    const app = lab.start();
    const page = await app.window();
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await toWhere(page);
    await page.getByLabel('Into a folder').fill(folder);
    await page.getByRole('button', { name: 'Use this folder' }).click();
    await page.getByRole('button', { name: /^Restore one from/u }).click();
    await page.getByRole('button', { name: 'Open folder' }).click();
    await expect.poll(() => app.fact('openedPath')).toBe(folder);
    expect(readdirSync(folder)).toEqual(['memory']);
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByRole('button', { name: 'Open folder' }).click();
    await expect.poll(() => app.fact('openedPath')).toBe(command.vault);
    // Gone in the meantime: said, and the system is not asked.
    rmSync(folder, { recursive: true });
    const answer = await page.evaluate(
      `trinity.call("desktop.openFolder", { folder: ${JSON.stringify(folder)} })`,
    );
    expect(answer).toMatchObject({ ok: false, error: { kind: 'not-found' } });
    expect(app.fact('openedPath')).toBe(command.vault);
  });
});
