import { renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedDesktopLab } from '../desktop-lab.ts';
import { labelsOf } from '../tray-labels.ts';

const lab = sharedDesktopLab({ isSetUp: true });

describe('a backup that fails', () => {
  it('is seen in tray, notice, overview, history and activity, and mended by its own action', async () => {
    const command = lab.command();
    await command.json(['backup']);
    const app = lab.start();
    const page = await app.window();
    const sentence = page.getByRole('main').getByRole('status');
    await sentence.getByText(/^Backed up /u).waitFor();
    renameSync(command.install, `${command.install}-away`);
    await app.chooseInTray('Back up now', 'Everything');
    await expect.poll(async () => (await app.tray())?.tooltip).toMatch(/^The \d\d:\d\d backup failed: /u);
    const differs = async () => (await sentence.textContent()) !== (await app.tray())?.tooltip;
    await expect.poll(differs).toBe(false);
    await expect.poll(async () => labelsOf(await app.tray())).toContain('Retry');
    const recent = async () => labelsOf(await app.tray()).find((label) => label.startsWith('Recent'));
    await expect.poll(recent).toMatch(/^Recent › ✕ .*, failed$/u);
    await expect.poll(async () => (await app.tray())?.icon).toContain('triangle');
    const title = /^The \d\d:\d\d backup failed$/u;
    await expect
      .poll(async () => (await app.notices()).map((notice) => notice.title))
      .toContainEqual(expect.stringMatching(title));
    const notice = (await app.notices()).find((each) => title.test(each.title));
    expect(notice?.buttons).toEqual(['Retry', 'Pause 1 day']);
    expect(notice?.body).toContain('Last good backup');
    await page.getByRole('link', { name: 'Activity' }).click();
    await page
      .getByRole('listitem')
      .filter({ hasText: /backup failed/u })
      .first()
      .waitFor();

    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('row', { name: /Failed/u }).waitFor();

    renameSync(`${command.install}-away`, command.install);
    await app.clickNotice(notice?.title ?? '', 'Retry');
    await expect.poll(async () => (await app.tray())?.tooltip).toMatch(/^Backed up just now; /u);
    await expect.poll(async () => (await app.notices()).some((each) => title.test(each.title))).toBe(false);
  });

  it('is silenced for a day by its notice', async () => {
    const command = lab.command();
    const app = lab.start(['--hidden']);
    renameSync(command.install, `${command.install}-away`);
    await app.chooseInTray('Back up now', 'Everything');
    const title = /^The \d\d:\d\d backup failed$/u;
    await expect.poll(async () => (await app.notices()).some((each) => title.test(each.title))).toBe(true);
    const notice = (await app.notices()).find((each) => title.test(each.title));
    await app.clickNotice(notice?.title ?? '', 'Pause 1 day');
    await app.clickNotice(notice?.title ?? '');
    const page = await app.window();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const paused = expect.objectContaining({ pausedUntilMs: expect.any(Number) });
    await expect
      .poll(async () => await page.evaluate('trinity.call("notices.list", {})'))
      .toMatchObject({ ok: true, value: { notices: expect.arrayContaining([paused]) } });
    renameSync(`${command.install}-away`, command.install);
  });
});
