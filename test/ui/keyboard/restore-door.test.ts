import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sharedBrowserLab } from '../../helpers/browser-lab.ts';
import { pressAt, tabTo, typeInto } from '../../helpers/keyboard.ts';
import { sharedRestLab } from '../../helpers/rest-lab.ts';
import { unwatched } from '../../helpers/tiny-engine.ts';

const lost = sharedRestLab({ isSetUp: true });
const lab = sharedBrowserLab({ isSetUp: false });
let recoveryKey = '';

beforeAll(async () => {
  // Whatever Docker this machine has is none of the test's.
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
  await lost().application.run('backup', {}, unwatched);
  ({ recoveryKey } = await lost().application.run('keysNewRecoveryKey', {}, unwatched));
});

describe('the restore door of the first run by keyboard alone', () => {
  it('leads from a vault and its key to a server, and back where a folder is not good', async () => {
    const page = await lab.open({ isRefused: true });
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await pressAt(page, page.getByRole('button', { name: 'Restore from a backup I have' }));
    await typeInto(page, page.getByLabel('Folder of the vault'), path.join(lost().base, 'vault'));
    await page.getByText('There is a vault in this folder.').waitFor();
    await typeInto(page, page.getByRole('textbox', { name: 'Recovery key' }), recoveryKey);
    await page.keyboard.press('Enter');
    await pressAt(page, page.getByRole('button', { name: /2 agents: one, two/u }));
    const folder = page.getByLabel('Folder for Trinity');
    await typeInto(page, folder, lost().install);
    await pressAt(page, button('Show the plan'));
    await page.getByRole('alert').getByText('is not an empty folder').first().waitFor();
    await pressAt(page, button('Choose another place'));
    const target = path.join(lab.rest().base, 'again');
    await typeInto(page, folder, target);
    await pressAt(page, button('Show the plan'));
    await page.getByText(`A new install is built in ${target}`, { exact: false }).waitFor();
    await pressAt(page, page.getByRole('button', { name: /^Restore the server from/u }));
    await page.getByText(/^Restored and checked: \d+ parts\.$/u).waitFor();
    const notes = path.join(target, 'volumes/agent-one-workspace/_data/notes.txt');
    expect(readFileSync(notes, 'utf8')).toBe('notes of one');
    await pressAt(page, page.getByRole('link', { name: 'Open the overview' }));
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await tabTo(page, page.getByRole('link', { name: 'Restore', exact: true }));
  });
});
